package main

import (
	_ "embed" // usage.txt
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

//go:embed usage.txt
var usage string

// memory is what the sandbox keeps for those who use it; who was idle the longest is forgotten then.
const memory = 64 << 20

// settings are what the arguments ask for.
type settings struct {
	listen  string
	guard   guard
	handler *portaltest.Handler
}

// parse reads the arguments. What portaltest has against one, it says in a panic.
func parse(args []string, stdout io.Writer, logger *slog.Logger) (s settings, err error) {
	defer func() {
		p := recover()
		if sentence, ok := p.(string); ok && strings.HasPrefix(sentence, "portaltest: ") {
			err = errors.New(strings.TrimPrefix(sentence, "portaltest: "))
		} else if p != nil {
			panic(p)
		}
	}()
	options := []portaltest.Option{portaltest.WithLogger(logger), portaltest.WithRequestHistory(0), portaltest.WithMemoryLimit(memory)}
	var tokens []string
	var arrange []func()
	flags := flag.NewFlagSet("sandbox", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	list := func(name, help string, into *[]string) {
		flags.Func(name, help+"; may be repeated", func(text string) error {
			*into = append(*into, text)
			return nil
		})
	}
	flags.StringVar(&s.listen, "listen", "127.0.0.1:8080", "`address` to listen on; port 0 takes a free one")
	flags.BoolVar(&s.guard.anyHost, "allow-remote", false, "listen on an address that other machines reach, and take any Host")
	list("allow-host", "take requests for this `name`, beside localhost", &s.guard.hosts)
	list("allow-origin", "let pages of this `origin` in, beside those of localhost; * is all", &s.guard.origins)
	list("token", "accept this `token` and no others", &tokens)
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
		var answers map[string]json.RawMessage
		if err := json.Unmarshal(text, &answers); err != nil {
			return fmt.Errorf("%s is not a JSON object: %w", name, err)
		}
		for _, operation := range slices.Sorted(maps.Keys(answers)) {
			arrange = append(arrange, func() { s.handler.Answer(operation, answers[operation]) })
		}
		return nil
	})
	flags.Func("fault", "script a fault: `[operation=]fault`; may be repeated", func(text string) error {
		operation, f, err := parseStep(text)
		arrange = append(arrange, func() { s.handler.Fail(operation, f) })
		return err
	})
	flags.Func("random", "let chance choose a fault: `probability=fault`; may be repeated", func(text string) error {
		probability, f, err := parseStep(text)
		p, notNumber := strconv.ParseFloat(probability, 64)
		if notNumber != nil {
			return errors.New("write it as 0.05=DropBefore")
		}
		options = append(options, portaltest.WithRandomFault(p, f))
		return err
	})
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		flags.SetOutput(stdout)
		_, _ = io.WriteString(stdout, usage)
		flags.PrintDefaults()
		return s, err
	} else if err != nil {
		return s, fmt.Errorf("%w; -h lists what there is", err)
	}
	if flags.NArg() > 0 {
		return s, fmt.Errorf("unexpected argument %q; everything is a flag, and -h lists them", flags.Arg(0))
	}
	options = append(options, portaltest.WithSeed(*seed), portaltest.WithMeld(meld))
	if len(tokens) > 0 {
		options = append(options, portaltest.WithTokens(tokens...))
	}
	if *wall {
		options = append(options, portaltest.WithClock(time.Now))
	}
	s.handler = portaltest.NewHandler(options...)
	for _, step := range arrange {
		step()
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

// parseStep reads [operation=]fault; the operation may be a probability instead.
func parseStep(text string) (operation string, f portaltest.Fault, err error) {
	operation = portaltest.AnyOperation
	if i := strings.IndexAny(text, "=("); i >= 0 && text[i] == '=' {
		operation, text = strings.TrimSpace(text[:i]), text[i+1:]
	}
	f, err = parseFault(text)
	return operation, f, err
}
