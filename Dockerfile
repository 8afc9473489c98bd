# syntax=docker/dockerfile:1

# One image with one file in it: `docker build -t hubbub .` Needs BuildKit, which is what Docker builds with since 23.

# The web files, which the binary embeds.
FROM node:22-bookworm-slim AS web
WORKDIR /src/web
# First what changes seldom.
COPY web/package.json web/package-lock.json web/.npmrc ./
RUN --mount=type=cache,target=/root/.npm npm ci --no-audit --no-fund
COPY web/build.mjs web/tsconfig.json ./
COPY web/src src
RUN npm run build

# The binary. Its version is that of rust-toolchain.toml, which is not copied: it also asks for tools that only check.
FROM rust:1.95.0-slim-bookworm AS build
WORKDIR /src
COPY Cargo.toml Cargo.lock ./
COPY .cargo .cargo
COPY protocol protocol
COPY persistence persistence
COPY hub hub
COPY gateway gateway
COPY loadtest loadtest
COPY --from=web /src/web/dist web/dist
# The caches are no part of the image, so what was built has to be copied out of them.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --bin hubbub && cp target/release/hubbub /usr/local/bin/hubbub

# Debian, the smallest: the C library that the binary was built against, and a shell for the health check.
FROM debian:bookworm-slim
LABEL org.opencontainers.image.title="Hubbub" \
      org.opencontainers.image.description="Self-hosted live chat for websites" \
      org.opencontainers.image.source="https://github.com/hubbub-chat/hubbub" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0"
# By number, so that whoever runs it can see that it is not root. The folder is made before the volume, which takes its
# owner over.
RUN useradd --uid 10001 --no-create-home --home-dir /var/lib/hubbub --shell /usr/sbin/nologin hubbub \
    && install --directory --owner=10001 --group=10001 --mode=0750 /var/lib/hubbub
COPY --from=build /usr/local/bin/hubbub /usr/local/bin/hubbub
COPY docs/deploy/healthcheck /usr/local/bin/hubbub-healthcheck
COPY LICENSE-MIT LICENSE-APACHE /usr/share/doc/hubbub/
USER 10001:10001
WORKDIR /var/lib/hubbub
VOLUME /var/lib/hubbub
# From outside of the container; nothing is reachable that is not published.
ENV HUBBUB_LISTEN=0.0.0.0:8080 \
    HUBBUB_DATA_DIR=/var/lib/hubbub
EXPOSE 8080
# The process lives and answers. Whether it should get traffic (/readyz) is the proxy's question: a database that is away
# does not come back by starting this anew.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["hubbub-healthcheck", "/healthz"]
# One process that handles SIGTERM and starts no others, so that there is nothing for an init (tini) to do.
ENTRYPOINT ["/usr/local/bin/hubbub"]
CMD ["serve"]
