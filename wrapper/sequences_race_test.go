//go:build race

package portal_test

// The race detector looks at concurrency, for which a shorter walk will do: it makes everything ten times as slow.
func init() { *sequencesMore = -1 }
