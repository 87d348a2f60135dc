# syntax=docker/dockerfile:1
FROM node:22-bookworm AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
# What only compilers and debuggers read is a third of it.
RUN npm run build && npm prune --omit=dev \
 && find node_modules -type f \( -name '*.map' -o -name '*.ts' -o -name '*.mts' -o -name '*.cts' \) -delete \
 && rm -rf node_modules/better-sqlite3*/deps node_modules/better-sqlite3*/src

FROM node:22-bookworm-slim
LABEL org.opencontainers.image.title="DefDrive" \
      org.opencontainers.image.description="A self-hosted file drive whose deletes are true" \
      org.opencontainers.image.licenses="MIT"
WORKDIR /app
# Any user may be given (`--user`), and the root file system may be read-only: all that is written is below /data and /backups.
# The drive makes its own directory in /data, for its user alone.
# The allocator gives memory back to the system instead of keeping what a start needed.
ENV MALLOC_TRIM_THRESHOLD_=262144 MALLOC_MMAP_THRESHOLD_=262144
ENV NODE_ENV=production UV_THREADPOOL_SIZE=16 HOST=0.0.0.0 PORT=3000 DATA_DIR=/data/drive
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY --chmod=755 deploy/image/ /usr/local/bin/
RUN install -d -m 1777 /data /backups
USER node
VOLUME /data
EXPOSE 3000
# In form of a list, so that no shell stands between: Node gets the signals, and SIGTERM ends it.
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s CMD ["defdrive-health"]
CMD ["node", "dist/server/main.js"]
