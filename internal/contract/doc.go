// Package contract tests the generated client and the wrapper against the documents, and nothing from
// memory: whatever document lies in openapi/, every operation, every documented status and every property
// goes through the client in both directions over real HTTP and has to come out equal.
//
// To see what was covered:
//
//	go test -v -run TestOperations ./internal/contract
//
// A failure prints its seed; CONTRACT_SEED=n repeats it.
package contract
