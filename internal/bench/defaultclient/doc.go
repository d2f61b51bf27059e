package defaultclient

//go:generate go -C ../../.. tool oapi-codegen -config internal/bench/defaultclient/oapi-codegen.yaml openapi/client-api.yaml
