"""What runs the service elsewhere says what the service says: image, compose.yaml and the Kubernetes manifests."""

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate  # type: ignore[import-untyped]
import pytest
import yaml  # type: ignore[import-untyped]

from app.broker import DEFAULT_QUEUE, DELIVERY_QUEUE
from app.cli.main import postcall
from app.run import process
from app.run.credentials import Credentials
from app.run.options import Options
from app.run.place import Place
from app.run.services import services
from app.settings import Settings
from app.web.application import create_app

ROOT = Path(__file__).parent.parent
KUBERNETES = ROOT / "deploy/kubernetes"
DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
SETTINGS = set(re.findall(r'env\.\w+\("([A-Z_]+)"', (ROOT / "app/settings.py").read_text()))
FILES = sorted(KUBERNETES.rglob("*.yaml"))
# the newest, and the oldest that managed clusters still offer
VERSIONS = ("1.37", "1.32")
WORKERS = {"delivery", "worker"}


def documents(*paths: Path) -> Iterator[dict[str, Any]]:
    for path in paths:
        yield from yaml.safe_load_all(path.read_text())


OBJECTS = [found for found in documents(*FILES) if "metadata" in found]
BUILT_IN = [found for found in OBJECTS if not found["apiVersion"].startswith("keda.sh/")]
PODS = {
    found["metadata"]["name"].removeprefix("postcall-"): found["spec"]["template"]["spec"]
    for found in OBJECTS
    if found["kind"] in {"Deployment", "Job"}
}
CONTAINERS = {name: container for name, pod in PODS.items() for container in pod["containers"]}


def kinds(kind: str) -> dict[str, dict[str, Any]]:
    return {found["metadata"]["name"]: found for found in OBJECTS if found["kind"] == kind}


def label(found: dict[str, Any]) -> str:
    return f"{found['kind']} {found['metadata']['name']}"


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("found", BUILT_IN, ids=label)
def test_every_object_is_one_that_kubernetes_knows(found: dict[str, Any], version: str) -> None:
    kubernetes_validate.validate(found, version, strict=True)


def test_the_kustomization_takes_every_manifest_but_the_secret() -> None:
    (kustomization,) = documents(KUBERNETES / "kustomization.yaml")
    taken = {*kustomization["resources"], "kustomization.yaml", "secret.example.yaml"}
    assert taken == {path.name for path in KUBERNETES.glob("*.yaml")}
    assert {image["name"] for image in kustomization["images"]} == {c["image"] for c in CONTAINERS.values()}
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert [str(image["newTag"]) for image in kustomization["images"]] == [version]


def variables() -> Iterator[tuple[str, str]]:
    """Each environment variable that somebody sets, and where."""
    (kustomization,) = documents(KUBERNETES / "kustomization.yaml")
    for generator in kustomization["configMapGenerator"]:
        for literal in generator["literals"]:
            yield "kustomization.yaml", literal.partition("=")[0]
    for name in kinds("Secret")["postcall"]["stringData"]:
        yield "secret.example.yaml", name
    for part, container in CONTAINERS.items():
        for variable in container.get("env", ()):
            yield f"{part}.yaml", variable["name"]
    for name in COMPOSE["x-service"]["environment"]:
        yield "compose.yaml", name


@pytest.mark.parametrize(("where", "name"), sorted(set(variables())))
def test_every_variable_is_a_setting(where: str, name: str) -> None:
    assert name in SETTINGS


def test_what_has_no_default_is_set_for_every_part() -> None:
    needed = {"DATABASE_URL", "REDIS_URL", "SECRET_KEYS", "PUBLIC_URL"}
    assert needed <= set(COMPOSE["x-service"]["environment"])
    assert needed <= {
        name for where, name in variables() if where in {"kustomization.yaml", "secret.example.yaml"}
    }
    for container in CONTAINERS.values():
        assert container["envFrom"] == [
            {"configMapRef": {"name": "postcall"}},
            {"secretRef": {"name": "postcall"}},
        ]


def test_the_example_of_a_secret_holds_none() -> None:
    secret = kinds("Secret")["postcall"]
    assert all("<" in value and ">" in value for value in secret["stringData"].values())


def flags(words: list[str]) -> dict[str, str]:
    """A Celery command's options; a lone one has the value ''. Logs and queues are each place's own."""
    found: dict[str, str] = {}
    for word in words:
        if word.startswith("-"):
            found[word] = ""
        elif found:
            found[list(found)[-1]] += word
    return {name: value for name, value in found.items() if name not in {"-l", "-Q", "--schedule"}}


@pytest.fixture
def make_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, list[str]]:
    """The words after `python -m` of each part that `make run` starts."""
    started: dict[str, list[str]] = {}

    def note(command: process.Command, *, name: str, log: Path) -> None:
        started[name] = [str(word) for word in command.arguments[2:]]

    monkeypatch.setattr(process, "start", note)
    options = Options(tmp_path, 8000, 8080, None, None, 0, 8025)
    place = Place(home=tmp_path, data=tmp_path, user=None)
    for service in services(options, place, Credentials("", "", "", "", "", None), "", {}):
        service.start()
    return started


def words(part: str) -> list[str]:
    return shlex.split(COMPOSE["services"][part]["command"])


def test_workers_and_beat_are_started_alike_everywhere(make_run: dict[str, list[str]]) -> None:
    for part in WORKERS:
        assert flags(make_run["worker"]) == flags(words(part)) == flags(CONTAINERS[part]["args"])
    assert words("beat") == CONTAINERS["beat"]["args"]
    assert flags(make_run["beat"]) == flags(words("beat"))
    assert words("migrate") == CONTAINERS["migrate"]["args"]
    assert words("migrate") == ["postcall", "migrate"]
    assert "migrate" in postcall.commands


def test_every_queue_has_a_worker(make_run: dict[str, list[str]]) -> None:
    wanted = {DELIVERY_QUEUE, DEFAULT_QUEUE}
    assert {words(part)[words(part).index("-Q") + 1] for part in WORKERS} == wanted
    arguments = [CONTAINERS[part]["args"] for part in WORKERS]
    assert {given[given.index("-Q") + 1] for given in arguments} == wanted
    assert set(make_run["worker"][make_run["worker"].index("-Q") + 1].split(",")) == wanted


def test_the_image_starts_the_web_server_that_make_run_starts(make_run: dict[str, list[str]]) -> None:
    image = re.findall(r'"([^"]+)"', DOCKERFILE.split("\nCMD ")[1])
    assert "args" not in CONTAINERS["web"]
    assert "command" not in COMPOSE["services"]["web"]
    assert [word for word in make_run["web"] if word in image] == [
        word for word in image if word != "--no-ws"
    ] + ["--no-ws"]
    told = dict(re.findall(r"GRANIAN_(\w+)=(\S+)", DOCKERFILE))
    assert told["WORKERS"] == make_run["web"][make_run["web"].index("--workers") + 1]
    assert told["HTTP"] == make_run["web"][make_run["web"].index("--http") + 1]
    assert told["HTTP1_BUFFER_SIZE"] == make_run["web"][make_run["web"].index("--http1-buffer-size") + 1]


def probes() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for part, container in CONTAINERS.items():
        for kind in ("startupProbe", "readinessProbe", "livenessProbe"):
            if kind in container:
                yield part, kind, container[kind]["httpGet"]


def test_probes_ask_for_routes_at_ports_that_are_there(settings: Settings) -> None:
    routes = {rule.rule for rule in create_app(settings).url_map.iter_rules()}
    found = {(part, kind): probe for part, kind, probe in probes()}
    assert {path["path"] for path in found.values()} <= routes
    assert found["web", "readinessProbe"]["path"] == "/readyz"
    # alive, not ready: a database that is away must not end the pods
    assert found["web", "livenessProbe"]["path"] == found["web", "startupProbe"]["path"] == "/healthz"
    for (part, _), probe in found.items():
        assert probe["port"] in {port["name"] for port in CONTAINERS[part]["ports"]}


def test_ports_agree() -> None:
    (port,) = CONTAINERS["web"]["ports"]
    told = re.search(r"GRANIAN_PORT=(\d+)", DOCKERFILE)
    assert told is not None
    assert f"EXPOSE {port['containerPort']}" in DOCKERFILE
    assert f"127.0.0.1:{port['containerPort']}/healthz" in DOCKERFILE
    assert told[1] == str(port["containerPort"])
    assert kinds("Service")["postcall-web"]["spec"]["ports"][0]["targetPort"] == port["name"]
    assert COMPOSE["services"]["web"]["ports"] == [f"127.0.0.1:{told[1]}:{told[1]}"]
    for part in WORKERS:
        container = CONTAINERS[part]
        (door,) = container["ports"]
        assert container["env"] == [{"name": "WORKER_METRICS_PORT", "value": str(door["containerPort"])}]


@pytest.mark.parametrize("part", PODS)
def test_every_pod_is_locked_down(part: str) -> None:
    pod, container = PODS[part], CONTAINERS[part]
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert f"USER {pod['securityContext']['runAsUser']}\n" in DOCKERFILE
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert {"memory", "cpu"} == set(container["resources"]["requests"])
    # throttled threads answer late
    assert set(container["resources"]["limits"]) == {"memory"}
    # the root is read-only: what is written to has a volume
    assert {mount["mountPath"] for mount in container["volumeMounts"]} == {"/tmp", "/run/postcall"}  # noqa: S108
    assert {mount["name"] for mount in container["volumeMounts"]} == {v["name"] for v in pod["volumes"]}


def test_a_stopped_worker_has_the_time_that_a_carrier_may_take(settings: Settings) -> None:
    longest = settings.carrier.connect_seconds + settings.carrier.read_seconds
    assert PODS["delivery"]["terminationGracePeriodSeconds"] > longest
    assert int(COMPOSE["services"]["delivery"]["stop_grace_period"].removesuffix("s")) > longest
    kill = int(re.findall(r"GRANIAN_WORKERS_KILL_TIMEOUT=(\d+)", DOCKERFILE)[0])
    pause = int(CONTAINERS["web"]["lifecycle"]["preStop"]["exec"]["command"][1])
    assert PODS["web"]["terminationGracePeriodSeconds"] > pause + kill


def test_there_is_one_beat_and_a_deployment_that_never_runs_two() -> None:
    beat = kinds("Deployment")["postcall-beat"]["spec"]
    assert (beat["replicas"], beat["strategy"]) == (1, {"type": "Recreate"})


def test_selectors_find_their_pods() -> None:
    labels = {
        name: found["spec"]["template"]["metadata"]["labels"] for name, found in kinds("Deployment").items()
    }
    for kind in ("PodDisruptionBudget", "Service"):
        for name, found in kinds(kind).items():
            selector = found["spec"]["selector"]
            assert selector.get("matchLabels", selector) == labels[name]
    assert set(kinds("PodDisruptionBudget")) == set(labels) - {"postcall-beat"}
    for name, found in kinds("Deployment").items():
        assert found["spec"]["selector"]["matchLabels"] == labels[name]
        for spread in found["spec"]["template"]["spec"].get("topologySpreadConstraints", ()):
            assert spread["labelSelector"]["matchLabels"] == labels[name]


def test_sending_scales_on_a_figure_that_there_is_in_both_ways() -> None:
    scaler = kinds("HorizontalPodAutoscaler")["postcall-delivery"]["spec"]
    (adapter,) = documents(KUBERNETES / "scaling/prometheus-adapter.yaml")
    (rule,) = adapter["externalRules"]
    assert scaler["metrics"][0]["external"]["metric"]["name"] == rule["name"]["as"]
    keda = kinds("ScaledObject")["postcall-delivery"]["spec"]
    trigger = keda["triggers"][0]
    assert trigger["metadata"]["query"] == rule["metricsQuery"]
    assert trigger["metadata"]["threshold"] == scaler["metrics"][0]["external"]["target"]["value"]
    assert (keda["minReplicaCount"], keda["maxReplicaCount"]) == (
        scaler["minReplicas"],
        scaler["maxReplicas"],
    )
    assert scaler["behavior"] == keda["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]
    gauges = (ROOT / "app/web/gauges.py").read_text()
    for metric in re.findall(r"postcall_\w+", rule["metricsQuery"]):
        assert metric.removeprefix("postcall_") in gauges


def test_scaled_deployments_are_there_and_web_leaves_its_number_to_the_scaler() -> None:
    for name, found in kinds("HorizontalPodAutoscaler").items():
        assert found["spec"]["scaleTargetRef"]["name"] == name
        assert name in kinds("Deployment")
    assert "replicas" not in kinds("Deployment")["postcall-web"]["spec"]
