// Package defaultclient is what oapi-codegen makes of the vendored document by default: the client to beat.
package defaultclient

//go:generate go -C ../../.. tool oapi-codegen -config internal/bench/defaultclient/oapi-codegen.yaml -o internal/bench/defaultclient/client.gen.go openapi/client-api.yaml
