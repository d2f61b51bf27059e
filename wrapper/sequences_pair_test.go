package portal_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	portal "github.com/portalclient/portal-client-go/wrapper"
)

// A gate lets the attempts of one caller through one by one.
type gate struct {
	*sequenceWorld
	waiting bool
	pass    chan *outcome
	met     []*outcome
}

// RoundTrip waits for its turn, and notes what the server said.
func (g *gate) RoundTrip(req *http.Request) (*http.Response, error) {
	g.waiting = true
	o := *<-g.pass
	g.waiting = false
	g.next = &o
	g.met = append(g.met, &o)
	resp, err := g.sequenceWorld.RoundTrip(req)
	o.said = &saying{g.status, g.exists}
	return resp, err
}

// TestSequencesOfTwo walks through what two callers can meet who register the same end user at the same time: who is
// served when, and what becomes of it. It is judged by what each of them can know.
func TestSequencesOfTwo(t *testing.T) {
	t.Parallel()
	all := alphabet(func(o *outcome) bool { return few(o) && !o.noToken && o.status != 401 })
	calls := walkedCalls(t)
	pairs := [][2]int{{1, 1}, {1, 0}, {0, 0}}
	var walked atomic.Int64
	t.Cleanup(func() { t.Logf("%d sequences of two walked", walked.Load()) })
	for _, pair := range pairs {
		two := [2]*walkedCall{&calls[pair[0]], &calls[pair[1]]}
		t.Run(two[0].name+" and "+two[1].name, func(t *testing.T) {
			t.Parallel()
			n := walkAll(t, &walk{free: 1 << 30}, func(t *testing.T, w *walk) string { return tryTwo(t, two, w, all, 3+*sequencesMore) })
			walked.Add(int64(n))
		})
	}
}

// tryTwo makes both calls, of whose attempts no more than faults meet anything but a healthy server.
func tryTwo(t *testing.T, calls [2]*walkedCall, w *walk, all []*outcome, faults int) string {
	world := &sequenceWorld{traces: map[string]bool{}}
	type result struct {
		created bool
		id      string
		err     error
	}
	var gates [2]*gate
	var results [2]*result
	for i := range gates {
		gates[i] = &gate{sequenceWorld: world, pass: make(chan *outcome)}
		client := newClient(t, portal.StaticToken("tok-0"), append(walkOptions(), portal.WithHTTPClient(&http.Client{Transport: gates[i]}), portal.WithAttemptTimeout(hard))...)
		go func() {
			id, created, err := calls[i].do(t.Context(), client)
			results[i] = &result{created, id, err}
		}()
	}
	var story []string
	for {
		time.Sleep(2 * base) // whoever waits before the next attempt has begun it by then
		synctest.Wait()
		var ready []int
		for i, g := range gates {
			if g.waiting {
				ready = append(ready, i)
			}
		}
		if len(ready) == 0 {
			break
		}
		who, o := ready[w.choose(len(ready))], all[0]
		if faults > 0 {
			o = all[w.choose(len(all))]
		}
		if o != all[0] {
			faults--
		}
		story = append(story, [...]string{"A: ", "B: "}[who]+o.name)
		gates[who].pass <- o
	}

	told := 0 // how often a caller was told of having created the customer
	for i, r := range results {
		m := &model{met: gates[i].met}
		want, got := calls[i].promise(m), promise{ok: r.err == nil, created: r.created}
		if r.err != nil {
			got = world.promiseOf(r.err)
		}
		switch {
		case got != want || m.surplus || len(m.met) > 0:
			world.problem("%d: it came to  %+v\n  instead of %+v", i, got, want)
		case r.err == nil && (r.id != walkID || !world.exists), r.err != nil && r.id != "":
			world.problem("%d: the ID is %q", i, r.id)
		}
		if r.created {
			told++
		}
	}
	if told > world.works || world.works > 1 {
		world.problem("%d customers, and %d callers who created one", world.works, told)
	}
	if world.problems == nil {
		return ""
	}
	return strings.Join(story, " → ") + ":\n  " + strings.Join(world.problems, "\n  ")
}
