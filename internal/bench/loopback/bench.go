// Package loopback measures whole calls over 127.0.0.1: with the server in a process of its own and each
// contender in another, as it comes out of the box.
package loopback

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/portalclient/portal-client-go/internal/bench/stat"
)

// The arguments that make this program a child: see [Child].
const (
	serveArg  = "child-serve"
	loadArg   = "child-load"
	tokensArg = "child-tokens"
)

// Child runs the role that args name. ok is false when they name none: then this is the parent.
func Child(ctx context.Context, args []string) (ok bool, err error) {
	switch {
	case len(args) == 2 && args[0] == serveArg:
		return true, Serve(ctx, args[1], os.Stdin, os.Stdout)
	case len(args) == 3 && args[0] == loadArg:
		return true, Load(ctx, args[1], args[2], os.Stdin, os.Stdout)
	case len(args) == 2 && args[0] == tokensArg:
		return true, Tokens(ctx, args[1], os.Stdin, os.Stdout)
	}
	return false, nil
}

// A Bench is a running server.
type Bench struct {
	dir       string
	server    *process
	addresses map[string]string
}

// answerTime is how long a child may take beyond what it was asked to do.
const answerTime = time.Minute

// Start starts the server, which ends with ctx at the latest.
func Start(ctx context.Context) (*Bench, error) {
	dir, err := os.MkdirTemp("", "portal-bench-")
	if err != nil {
		return nil, err
	}
	b := &Bench{dir: dir}
	if err := b.start(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("start the server: %w", err), b.Close())
	}
	return b, nil
}

func (b *Bench) start(ctx context.Context) error {
	if err := writeCertificate(b.dir); err != nil {
		return err
	}
	server, err := start(ctx, b.dir, serveArg, b.dir)
	if err != nil {
		return err
	}
	b.server = server
	var h hello
	if err := server.ask(nil, &h, answerTime); err != nil {
		return err
	}
	b.addresses = h.Addresses
	return nil
}

// Close ends the server.
func (b *Bench) Close() error {
	var err error
	if b.server != nil {
		err = b.server.stop()
	}
	return errors.Join(err, os.RemoveAll(b.dir))
}

// connections is how many the server has accepted so far.
func (b *Bench) connections(kind string) (int64, error) {
	var c counts
	err := b.server.ask(struct{}{}, &c, answerTime)
	return c.Connections[kind], err
}

// A Setup is a situation to compare contenders in.
type Setup struct {
	Kind    string // of connection: TLS, HTTP2, Limited, Plain
	Mode    string // of answering: Fast, Slow
	Workers int
	Limit   time.Duration // for each call; 0 for none
}

// A Series is what one contender did, a figure for each round.
type Series struct {
	Contender string
	PerSecond []float64
	CPU       []float64     // microseconds a call, of the client's process
	Median    []float64     // latency in milliseconds
	Most      time.Duration // the longest call of all rounds
	Calls     int
	Failed    int
	Error     string
	Opened    int64 // connections, in the counted rounds
}

// PerThousand is how many connections were opened for 1,000 calls.
func (s Series) PerThousand() float64 {
	if s.Calls == 0 {
		return 0
	}
	return float64(s.Opened) / float64(s.Calls) * 1000
}

// Compare gives each contender its turn in each round. A turn that is not counted comes first and fills the
// pools of connections.
func (b *Bench) Compare(ctx context.Context, setup Setup, names []string, rounds int, slice time.Duration) (all []Series, err error) {
	url := baseURL(setup.Kind, b.addresses[setup.Kind], setup.Mode)
	series := make([]Series, len(names))
	loads := make([]*process, len(names))
	for i, name := range names {
		series[i].Contender = name
		if loads[i], err = start(ctx, b.dir, loadArg, name, url); err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, loads[i].stop()) }()
	}
	for r := range rounds + 1 {
		for _, i := range stat.Order(len(names), r) {
			if err := b.turn(setup, &series[i], loads[i], slice, r > 0); err != nil {
				return nil, fmt.Errorf("%s, %s, %d workers: %w", names[i], setup.Kind, setup.Workers, err)
			}
		}
	}
	return series, nil
}

func (b *Bench) turn(setup Setup, s *Series, load *process, slice time.Duration, keep bool) error {
	before, err := b.connections(setup.Kind)
	if err != nil {
		return err
	}
	var result Result
	if err := load.ask(Turn{Workers: setup.Workers, For: slice, Limit: setup.Limit}, &result, slice+answerTime); err != nil {
		return err
	}
	time.Sleep(settle)
	after, err := b.connections(setup.Kind)
	if err != nil || !keep {
		return err
	}
	s.PerSecond = append(s.PerSecond, result.PerSecond())
	if result.Calls > 0 {
		s.CPU = append(s.CPU, float64(result.CPU)/float64(time.Microsecond)/float64(result.Calls))
	}
	s.Median = append(s.Median, float64(result.Median)/float64(time.Millisecond))
	s.Most = max(s.Most, result.Most)
	s.Calls += result.Calls
	s.Failed += result.Failed
	if s.Error == "" {
		s.Error = result.Error
	}
	s.Opened += after - before
	return nil
}

// settle is a pause between turns, for what the last one still has under way.
const settle = 50 * time.Millisecond
