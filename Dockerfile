# Two stages: what is needed to install, and what is needed to run.
FROM python:3.11-slim-bookworm AS install

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/siyu
WORKDIR /app
COPY requirements.lock ./
RUN /opt/siyu/bin/pip install --require-hashes -r requirements.lock
COPY pyproject.toml uvicorn.ini ./
COPY siyu ./siyu
# Linked, not copied: uvicorn.ini is found beside the package.
RUN /opt/siyu/bin/pip install --no-deps --no-build-isolation --no-index -e . \
 && /opt/siyu/bin/python -m compileall -q /opt/siyu/lib /app/siyu

FROM python:3.11-slim-bookworm

# A number, so that an orchestrator can tell that it is not root.
RUN groupadd --gid 10001 siyu \
 && useradd --uid 10001 --gid 10001 --home-dir /app --no-create-home --shell /usr/sbin/nologin siyu \
 && install -d -o 10001 -g 10001 -m 700 /data
COPY --from=install /opt/siyu /opt/siyu
COPY --from=install /app /app
WORKDIR /app
ENV PATH=/opt/siyu/bin:$PATH PYTHONUNBUFFERED=1 HOST=0.0.0.0 PORT=8000 SIYU_DATA_DIR=/data SIYU_LOG_FORMAT=json
USER 10001:10001
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/healthz', timeout=2)"]
ENTRYPOINT ["siyu"]
CMD ["serve"]
