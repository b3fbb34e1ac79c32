"""The doorbell: does it answer, does it keep what is put in, and does anybody listen?"""

import time
import warnings
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

import redis
from celery import Celery
from celery.exceptions import CeleryError
from kombu.exceptions import KombuError
from redis.backoff import NoBackoff
from redis.retry import Retry

from app.broker import CLOSE, DEFAULT_QUEUE, DELIVERY_QUEUE, RECOVER, broker_answers, make_celery
from app.checkup.clock import judge_skew, skew
from app.checkup.finding import Finding, failed, ok, warning
from app.settings import Settings

_NAME = "broker"
# the slower of the two ticks below comes every 5 s
_BEAT_SECONDS = 8.0
# only beat calls these: nothing else rings for them
_TICKED = (RECOVER, CLOSE)
_AWAY = (redis.RedisError, CeleryError, KombuError, OSError)


def check_broker(settings: Settings) -> list[Finding]:
    if settings.broker_url.startswith("redis"):
        return _check_redis(settings.broker_url)
    if broker_answers(settings):
        return [ok(_NAME, "answers; limits of a broker other than Redis are to be looked at by hand")]
    return [_silent("no connection within 1 s")]


def _silent(what: str) -> Finding:
    return failed(
        _NAME,
        f"{what}: texts wait for it, calls are still accepted",
        "Is it running, and REDIS_URL (BROKER_URL) right?",
    )


def _check_redis(url: str) -> list[Finding]:
    client = redis.Redis.from_url(
        url, socket_timeout=1, socket_connect_timeout=1, retry=Retry(NoBackoff(), 0)
    )
    try:
        client.ping()
        info: Any = client.info()

        def ask() -> datetime:
            now: Any = client.time()
            return datetime.fromtimestamp(now[0], UTC) + timedelta(microseconds=now[1])

        return [*judge_redis(info), judge_skew("broker", skew(ask))]
    except redis.exceptions.NoPermissionError:
        return [
            warning(_NAME, "answers, and does not let us look (INFO)", "Look at maxmemory-policy by hand")
        ]
    except (redis.exceptions.AuthenticationError, redis.exceptions.ResponseError) as error:
        return [failed(_NAME, f"refuses: {error}", "Is the password in REDIS_URL (BROKER_URL) right?")]
    except redis.RedisError as error:
        return [_silent(type(error).__name__)]
    finally:
        client.close()


def judge_redis(info: Mapping[str, Any]) -> list[Finding]:
    """`info`: what INFO tells, by name. One line where all is well, else one per trouble."""
    found = []
    policy = str(info.get("maxmemory_policy", "unknown"))
    if policy != "noeviction":
        found.append(
            failed(
                "broker: policy",
                f"maxmemory-policy is {policy}: a full broker throws wake-ups away and says nothing",
                "config set maxmemory-policy noeviction, and the same in its configuration",
            )
        )
    used, most = int(info.get("used_memory", 0)), int(info.get("maxmemory", 0))
    if most and used > 0.8 * most:
        say = failed if used > 0.95 * most else warning
        found.append(
            say(
                "broker: memory",
                f"{used / most:.0%} of its {most / 2**20:.0f} MB are used",
                "Is a worker taking from each queue? Else raise maxmemory",
            )
        )
    if info.get("role") == "slave":
        found.append(failed(_NAME, "is a replica: nothing can be put in", "Let REDIS_URL name the primary"))
    server = "Valkey" if "valkey_version" in info else "Redis"
    version = info.get("valkey_version") or info.get("redis_version")
    kept = "kept on disk" if int(info.get("aof_enabled", 0)) else "kept in memory, which is enough"
    return found or [ok(_NAME, f"{server} {version} answers, evicts nothing, {kept}")]


def check_workers(settings: Settings) -> list[Finding]:
    """Who listens, told by the workers themselves; and whether what only beat calls is being called."""
    celery = make_celery(settings)
    celery.conf.broker_transport_options = {
        "socket_timeout": 2,
        "socket_connect_timeout": 1,
        "max_retries": 0,
    }
    try:
        with warnings.catch_warnings():
            # two workers of one name answer as one here; that is no trouble of theirs
            warnings.simplefilter("ignore")
            queues = _queues(celery)
            return [*judge_queues(queues), *([_check_beat(celery)] if queues else [])]
    except _AWAY:
        return [warning("workers", "not looked at: the broker can't be used", "See broker.")]
    finally:
        celery.close()


def _queues(celery: Celery) -> dict[str, int]:
    """Queue -> how many workers take from it."""
    answers = celery.control.inspect(timeout=1.0).active_queues() or {}
    return dict(Counter(queue["name"] for queues in answers.values() for queue in queues))


def judge_queues(queues: Mapping[str, int]) -> list[Finding]:
    waits = {DELIVERY_QUEUE: "no text goes out", DEFAULT_QUEUE: "surveys do not end, and results stand still"}
    found = [
        failed(
            f"workers: {queue}",
            f"nobody takes from the queue {queue}: {what}",
            f"celery -A workers.celery_app:celery worker -P threads -c 4 -Q {queue}",
        )
        for queue, what in waits.items()
        if not queues.get(queue)
    ]
    there = ", ".join(f"{queues.get(queue, 0)} on {queue}" for queue in waits)
    return found or [ok("workers", there)]


def _check_beat(celery: Celery) -> Finding:
    """Beat has no door. What it alone calls is counted by the workers, and the count must grow."""
    before, until = _ticks(celery), time.monotonic() + _BEAT_SECONDS
    pause = Event()
    while time.monotonic() < until:
        pause.wait(0.5)
        if _ticks(celery) > before:
            return ok("beat", "ticks")
    return failed(
        "beat",
        f"nothing ticked for {_BEAT_SECONDS:g} s: what failed is not tried again, surveys do not end",
        "celery -A workers.celery_app:celery beat",
    )


def _ticks(celery: Celery) -> int:
    answers = celery.control.inspect(timeout=0.5).stats() or {}
    return sum(stats.get("total", {}).get(task, 0) for stats in answers.values() for task in _TICKED)
