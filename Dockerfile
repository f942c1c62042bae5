# One image for every role: `serve` (one machine, or a node of a cluster), `worker`, and every other command. Built in
# stages: what compiles stays behind; what runs is not root, owns nothing but its data volume, and needs no more of the
# root file system than to read it (`docker run --read-only --tmpfs /tmp`).
#
# Pinned by version; who builds for a county pins the digest that their registry shows for it.
ARG PYTHON=3.13.7
ARG NODE=22.20.0

FROM node:${NODE}-bookworm-slim AS pages
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY console console
RUN npm run build

FROM python:${PYTHON}-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /dharura
WORKDIR /src
# The locks change seldom and the code often: this layer is kept until they do.
COPY requirements.txt requirements-build.txt ./
RUN /dharura/bin/pip install --require-hashes -r requirements.txt \
 && python -m venv /builder && /builder/bin/pip install --require-hashes -r requirements-build.txt
COPY pyproject.toml README.md LICENSE requirements.in ./
COPY geo geo
COPY alerts alerts
COPY streams streams
COPY responder_api responder_api
COPY fixtures fixtures
COPY --from=pages /src/responder_api/pages responder_api/pages
RUN /builder/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /wheels . \
 && /dharura/bin/pip install --no-deps --no-index /wheels/*.whl

FROM python:${PYTHON}-slim-bookworm
RUN useradd --system --uid 10001 --no-create-home dharura && install -d -o dharura -g dharura /data
COPY --from=build /dharura /dharura
ENV PATH=/dharura/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DHARURA_DATA=/data
USER dharura
VOLUME /data
EXPOSE 8000
ENTRYPOINT ["dharura"]
CMD ["serve"]
