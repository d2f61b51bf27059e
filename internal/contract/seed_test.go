package contract

import (
	"flag"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"testing"
	"time"
)

// The seed is fixed where CI is set, so that a change fails for its own fault only; by hand it is another one
// each time.
var seed = flag.Uint64("contract.seed", defaultSeed(), "makes the values of the contract tests")

func defaultSeed() uint64 {
	if os.Getenv("CI") != "" {
		return 1
	}
	return uint64(time.Now().UnixNano()) % 1_000_000
}

// random is a source of its own for each test, so that tests do not disturb each other.
func random(t *testing.T) *rand.Rand {
	t.Helper()
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("repeat it with -contract.seed=%d", *seed)
		}
	})
	h := fnv.New64a()
	h.Write([]byte(t.Name()))
	return rand.New(rand.NewPCG(*seed, h.Sum64()))
}
