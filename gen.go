// Package portalclient is the root of portal-client-go, a Go client for the Portal Client API.
//
// It holds no code. Import the package portal from the folder wrapper; package api beside it is
// generated from openapi/client-api.yaml and reached through [portal.Client.API].
//
// [portal.Client.API]: https://pkg.go.dev/github.com/portalclient/portal-client-go/wrapper#Client.API
package portalclient

//go:generate go run ./internal/cmd/specgen documents
//go:generate go tool oapi-codegen -config oapi-codegen.yaml openapi/client-api.yaml
//go:generate go run ./internal/cmd/specgen methods
