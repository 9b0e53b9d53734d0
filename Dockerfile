# One image for every service: the command says which. The programs are static, with the time zones in them; the last
# stage adds certificate authorities, and a shell and wget for health checks.
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
RUN CGO_ENABLED=0 go build -trimpath -tags timetzdata -ldflags "-s -w -X main.version=${VERSION}" \
    -o /out/ ./cmd/retailq ./cmd/api ./cmd/worker ./cmd/scheduler

FROM alpine:3.22
COPY --from=build /out/ /usr/local/bin/
USER 65534:65534
# 8080 is the API, 9090 the metrics and health of every service.
EXPOSE 8080 9090
CMD ["retailq", "help"]
