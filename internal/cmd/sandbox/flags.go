package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/portalclient/portal-client-go/wrapper/portaltest"
)

const usage = `Sandbox is the Portal API, made up, for tests of a client in any language. It keeps its state in memory
and takes every token: each is an end user of its own. The API key of a custodian is ` + portaltest.CustodianKey + `.

  go run ./internal/cmd/sandbox [flags]

Flags:
`

const usageOfFaults = `
Faults are written as in package portaltest, and a script is followed in the order of its flags:

  -fault 'Status(503).RetryAfter(2s)'                 the first request, whatever it is
  -fault 'createMeldCustomer=DropAfter'               the first create: done, but the reply is lost
  -fault 'getMeldCustomer=Delay(3s).Then(Silent)'     a wait, then no answer at all
  -fault 'getMeldRetailQuote=Status(500).Times(3)'    three in a row
  -random '0.05=DropBefore' -random '0.1=Status(429).RetryAfter(1s)' -seed 7

  Status(code)  Redirect(code, URL)  ConflictWithoutID  ErrorObject(code)  Garbage(code)  ContentType(type)
  CutBody(bytes)  EndlessBody  Drip(duration)  DropBefore  DropAfter  Silent  TokenExpired  Delay(duration)
  Pass, with .RetryAfter(duration) .Header(name, value) .Body(type, text) .AfterWork .Then(fault) .Times(n)
  and .Always

A file of answers is a JSON object: {"getMeldCountries": {"data": []}} lets that operation answer with the
value, which has to be what the document allows. An operation without a name is called "GET /its/{path}".
`

// memory is what the sandbox keeps for those who use it; who was idle the longest is forgotten then.
const memory = 64 << 20

// settings are the arguments, checked.
type settings struct {
	listen  string
	guard   guard
	options []portaltest.Option
	answers map[string]json.RawMessage
	script  []scripted
}

type scripted struct {
	operation string
	fault     portaltest.Fault
}

func parse(args []string, stdout io.Writer) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("sandbox", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&s.listen, "listen", "127.0.0.1:8080", "`address` to listen on; port 0 takes a free one")
	flags.BoolVar(&s.guard.anyHost, "allow-remote", false, "listen on an address that other machines reach, and take any Host")
	repeated := func(name, help string, into *[]string) {
		flags.Func(name, help+"; may be repeated", func(text string) error {
			*into = append(*into, text)
			return nil
		})
	}
	repeated("allow-host", "take requests for this `name`, beside localhost", &s.guard.hosts)
	repeated("allow-origin", "let pages of this `origin` in, beside those of localhost; * is all", &s.guard.origins)
	var tokens []string
	repeated("token", "accept this `token` and no others", &tokens)
	seed := flags.Uint64("seed", 1, "`number` that IDs and random faults are derived from")
	wall := flags.Bool("wall-clock", false, "put the real time into replies, instead of a clock that is the same in each run")
	var meld portaltest.MeldOptions
	flags.BoolVar(&meld.AutoAdvance, "advance", true, "move a transaction one step each time it is read: PENDING, SETTLING, SETTLED")
	flags.BoolVar(&meld.SingleCustomer, "single-customer", false, "answer getMeldCustomer with the customer itself, not with a search result")
	flags.BoolVar(&meld.CustomerNotFound, "customer-not-found", false, "answer getMeldCustomer with 404 when there is none")
	flags.BoolVar(&meld.MeldSpelling, "meld-spelling", false, "name KYC limits as Meld does: daily, not dailyLimit")
	flags.Func("answers", "let operations answer what this `file` says", func(name string) error {
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if err := json.Unmarshal(text, &s.answers); err != nil {
			return fmt.Errorf("%s is not a JSON object: %w", name, err)
		}
		return nil
	})
	flags.Func("fault", "script a fault: `[operation=]fault`; may be repeated", func(text string) error {
		step, err := parseStep(text)
		s.script = append(s.script, step)
		return err
	})
	flags.Func("random", "let chance choose a fault: `probability=fault`; may be repeated", func(text string) error {
		p, f, err := parseChance(text)
		s.options = append(s.options, portaltest.WithRandomFault(p, f))
		return err
	})
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			flags.SetOutput(stdout)
			_, _ = io.WriteString(stdout, usage)
			flags.PrintDefaults()
			_, _ = io.WriteString(stdout, usageOfFaults)
			return s, err
		}
		return s, fmt.Errorf("%w; -h lists what there is", err)
	}
	if flags.NArg() > 0 {
		return s, fmt.Errorf("unexpected argument %q; everything is a flag, and -h lists them", flags.Arg(0))
	}
	s.options = append(s.options, portaltest.WithSeed(*seed), portaltest.WithRequestHistory(0), portaltest.WithMemoryLimit(memory), portaltest.WithMeld(meld))
	if len(tokens) > 0 {
		s.options = append(s.options, portaltest.WithTokens(tokens...))
	}
	if *wall {
		s.options = append(s.options, portaltest.WithClock(time.Now))
	}
	if _, err := s.handler(slog.New(slog.DiscardHandler)); err != nil {
		return s, err
	}
	return s, checkAddress(s.listen, s.guard.anyHost)
}

// checkAddress refuses an address that other machines reach: the sandbox lets anyone in, and keeps what it
// is told.
func checkAddress(address string, remote bool) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("-listen %s: %w; write it as 127.0.0.1:8080", address, err)
	}
	if remote || isLoopback(host) {
		return nil
	}
	return fmt.Errorf("-listen %s is not a loopback address, and the sandbox lets anyone in: "+
		"listen on 127.0.0.1:%s, or add -allow-remote", address, port)
}

// handler makes the fake API. What portaltest has against an argument, it says in a panic.
func (s settings) handler(logger *slog.Logger) (h *portaltest.Handler, err error) {
	defer func() {
		if p := recover(); p != nil {
			sentence, ok := p.(string)
			if !ok || !strings.HasPrefix(sentence, "portaltest: ") {
				panic(p)
			}
			err = errors.New(strings.TrimPrefix(sentence, "portaltest: "))
		}
	}()
	h = portaltest.NewHandler(append([]portaltest.Option{portaltest.WithLogger(logger)}, s.options...)...)
	for _, name := range slices.Sorted(maps.Keys(s.answers)) {
		h.Answer(name, s.answers[name])
	}
	for _, step := range s.script {
		h.Fail(step.operation, step.fault)
	}
	return h, nil
}

// parseStep reads [operation=]fault.
func parseStep(text string) (scripted, error) {
	operation := portaltest.AnyOperation
	if i := strings.IndexAny(text, "=("); i >= 0 && text[i] == '=' {
		operation, text = strings.TrimSpace(text[:i]), text[i+1:]
	}
	f, err := parseFault(text)
	return scripted{operation, f}, err
}

// parseChance reads probability=fault.
func parseChance(text string) (float64, portaltest.Fault, error) {
	before, rest, ok := strings.Cut(text, "=")
	p, err := strconv.ParseFloat(strings.TrimSpace(before), 64)
	if !ok || err != nil {
		return 0, portaltest.Fault{}, errors.New("write it as 0.05=DropBefore")
	}
	f, err := parseFault(rest)
	return p, f, err
}
