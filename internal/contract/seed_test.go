package contract

import (
	"hash/fnv"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"
)

// seed is new on every day, so that CI sees other values tomorrow but a failure stays while one looks at it.
var seed = sync.OnceValue(func() uint64 {
	if n, err := strconv.ParseUint(os.Getenv("CONTRACT_SEED"), 10, 64); err == nil {
		return n
	}
	return uint64(time.Now().Unix() / (24 * 60 * 60))
})

// random is a source of its own for each test, so that tests do not disturb each other.
func random(t *testing.T) *rand.Rand {
	t.Helper()
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("repeat it with CONTRACT_SEED=%d", seed())
		}
	})
	h := fnv.New64a()
	h.Write([]byte(t.Name()))
	return rand.New(rand.NewPCG(seed(), h.Sum64()))
}
