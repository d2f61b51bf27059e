// Package contract tests the client against the documents, and nothing from memory: whatever operations
// openapi.Merged has, each documented status and each property goes through the operation's method and through the
// generated client, in both directions over real HTTP, and has to come out equal.
//
// To see what was covered:
//
//	go test -v -count=1 -run TestOperations ./internal/contract
//
// The values are random. A failure prints its seed: -contract.seed=n repeats it.
package contract
