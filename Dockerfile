# The daemon with Debian's ffmpeg, on CPU.
#   docker build -t patchwatch .
#   docker run --init -p 127.0.0.1:8095:8095 -e PATCHWATCH_TOKEN -v patchwatch-data:/data \
#     -v ./patchwatch.yaml:/etc/patchwatch/patchwatch.yaml:ro patchwatch
# In a container the daemon must listen on 0.0.0.0, and then wants a token: see deploy/patchwatch.yaml.
# --init reaps what a killed ffmpeg leaves, and passes signals on. The root file system may be read-only.

FROM node:20-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Native parts come prebuilt inside the packages; no package's own script has to run.
RUN npm ci --ignore-scripts
COPY tsconfig.json ./
COPY scripts scripts
COPY src src
# onnxruntime-node brings every platform's libraries, 220 MB that can't run here.
RUN node scripts/build.mjs \
  && npm prune --omit=dev --ignore-scripts \
  && rm -rf node_modules/onnxruntime-node/bin/napi-v*/darwin node_modules/onnxruntime-node/bin/napi-v*/win32

FROM node:20-bookworm-slim
RUN apt-get update \
  && apt-get install -y --no-install-recommends ffmpeg \
  && rm -rf /var/lib/apt/lists/*
# Imported backbones outlive the container beside the models.
# Each process writes its address to the file of PATCHWATCH_URL_FILE: memory, which is writable in any container.
ENV NODE_ENV=production \
  PATCHWATCH_URL_FILE=/dev/shm/patchwatch.url \
  PATCHWATCH_BACKBONES=/data/backbones
WORKDIR /app
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json LICENSE ./
COPY assets assets
COPY config config
# A new volume takes over this owner.
RUN install -d -o node -g node /data
USER node
VOLUME /data
EXPOSE 8095
# Alive, not ready: a restart mends neither a camera that is down nor a scene that was never fitted.
# Whatever port was configured, and whatever role runs: `--role ingest` and `worker` need --metrics-port for it.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
  CMD ["node", "-e", "fetch(require('node:fs').readFileSync(process.env.PATCHWATCH_URL_FILE, 'utf8') + '/healthz').then((reply) => process.exit(reply.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "dist/main.js"]
CMD ["run", "-c", "/etc/patchwatch/patchwatch.yaml"]
