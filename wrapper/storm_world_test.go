package portal_test

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	portal "github.com/portalclient/portal-client-go/wrapper"
)

// A stormWorld is what both sides of a storm share: who the end users are, what exists, and what was seen.
type stormWorld struct {
	seed  uint64
	users []stormUser

	requests, created, wrong atomic.Int64 // wrong: requests with another user's token, body or trace
	kinds                    counts       // requests by the fault that struck them
}

// A stormUser is one end user. Their tokens are tok-u<index>-g<generation>.
type stormUser struct {
	index int
	world *stormWorld

	mu         sync.Mutex
	id         string         // of the customer, "" before there is one
	creations  int            // how often one was created: once
	generation int            // of the token
	arrivals   map[string]int // requests by trace and method, to draw a fault for each
}

func newStormWorld(seed uint64, users int) *stormWorld {
	w := &stormWorld{seed: seed, users: make([]stormUser, users)}
	for i := range w.users {
		w.users[i].index, w.users[i].world, w.users[i].arrivals = i, w, map[string]int{}
	}
	return w
}

// random is the same for the same seed and name, whatever else goes on.
func (w *stormWorld) random(name string) *rand.Rand {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name))
	return rand.New(rand.NewPCG(w.seed, h.Sum64()))
}

// Token fetches the next token of the user; one fetch in a hundred fails.
func (u *stormUser) Token(context.Context) (string, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.generation++
	if u.world.random(fmt.Sprint("token", u.index, u.generation)).IntN(100) == 0 {
		return "", errors.New("the vault is out for lunch")
	}
	return fmt.Sprintf("tok-u%d-g%d", u.index, u.generation), nil
}

// arrive finds the user of a request, and checks that all its parts belong to that user. A trace is
// u<index>-c<call>-r<round>.
func (w *stormWorld) arrive(method string, header http.Header, body string) (*stormUser, *rand.Rand) {
	w.requests.Add(1)
	trace := header.Get("X-Portal-Trace-Id")
	var index, call, round int
	if n, err := fmt.Sscanf(trace, "u%d-c%d-r%d", &index, &call, &round); n != 3 || err != nil || index >= len(w.users) {
		w.wrong.Add(1)
		return &w.users[0], w.random("")
	}
	u := &w.users[index]
	if !strings.HasPrefix(header.Get("Authorization"), fmt.Sprintf("Bearer tok-u%d-g", index)) || len(header["Authorization"]) != 1 {
		w.wrong.Add(1)
	}
	if method == http.MethodPost && body != fmt.Sprintf(`{"email":"u%d@storm.invalid"}`, index) {
		w.wrong.Add(1)
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.arrivals[trace+method]++
	return u, w.random(fmt.Sprint(trace, method, u.arrivals[trace+method]))
}

// work does what was asked for.
func (u *stormUser) work(method string) (status int, body string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	customer := func() string {
		return fmt.Sprintf(`{"id":%q,"accountId":"acc","externalId":"u%d"}`, u.id, u.index)
	}
	switch {
	case method == http.MethodGet && u.id == "":
		return http.StatusOK, `{"data":{"customers":[],"count":0,"remaining":0}}`
	case method == http.MethodGet:
		return http.StatusOK, `{"data":{"customers":[` + customer() + `],"count":1,"remaining":0}}`
	case u.id != "":
		return http.StatusConflict, fmt.Sprintf(`{"error":"exists","details":{"meldCustomerId":%q}}`, u.id)
	}
	u.creations++
	u.id = fmt.Sprintf("cus-%d-u%d", u.world.created.Add(1), u.index)
	return http.StatusOK, `{"data":` + customer() + `}`
}

// counts counts by name.
type counts struct {
	mu sync.Mutex
	m  map[string]int
}

func (c *counts) add(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.m == nil {
		c.m = map[string]int{}
	}
	c.m[name]++
}

func (c *counts) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []string
	for _, name := range slices.Sorted(maps.Keys(c.m)) {
		out = append(out, fmt.Sprintf("%s %d", name, c.m[name]))
	}
	return strings.Join(out, ", ")
}

func (c *counts) total() (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, count := range c.m {
		n += count
	}
	return n
}

// kindOf sums an error up by its status and sentinels.
func kindOf(err error) string {
	var e *portal.APIError
	if !errors.As(err, &e) {
		return "untyped: " + err.Error()
	}
	kind := fmt.Sprint("status ", e.StatusCode)
	for _, sentinel := range []error{portal.ErrUnusableResponse, portal.ErrResponseTooLarge, portal.ErrOutcomeUnknown} {
		if errors.Is(err, sentinel) {
			kind += " " + strings.TrimPrefix(sentinel.Error(), "portal: ")
		}
	}
	return kind
}
