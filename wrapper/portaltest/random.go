package portaltest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"

	"github.com/portalclient/portal-client-go/internal/apicheck"
)

// A chance is one of the random faults.
type chance struct {
	probability float64
	fault       Fault
	operations  []string // none: all
}

// WithRandomFault lets each request meet a fault with a probability from 0 to 1: each request of the named
// operations, or each of all if none is named. Several are a mix, of which a request meets one at most, so
// for no operation may they sum up to more than 1.
//
// What a request meets depends on the seed, its operation, its token and on how many such requests came
// before, and on nothing else: with one token for each goroutine, even a concurrent test repeats exactly.
// When a test fails, its log says the seed.
func WithRandomFault(probability float64, fault Fault, operations ...string) Option {
	return func(c *config) error {
		if !(probability >= 0 && probability <= 1) {
			return fmt.Errorf("WithRandomFault: %v is not a probability; give a number from 0 to 1", probability)
		}
		if err := fault.check(); err != nil {
			return fmt.Errorf("WithRandomFault: %w", err)
		}
		if fault.times != 1 {
			return errors.New("WithRandomFault: Times and Always are for scripts; chance decides how often a random fault happens")
		}
		c.chances = append(c.chances, chance{probability, fault, slices.Clone(operations)})
		return nil
	}
}

// checkChances finds names that the document does not have, and sums above one.
func (c *config) checkChances(doc *apicheck.Document) error {
	for _, ch := range c.chances {
		for _, name := range ch.operations {
			if doc.Operation(name) == nil {
				return errors.New("WithRandomFault: " + unknownOperation(doc, name))
			}
		}
	}
	for _, op := range doc.Operations {
		sum := 0.0
		for _, ch := range c.chances {
			if ch.meets(op.Name) {
				sum += ch.probability
			}
		}
		if sum > 1+1e-9 {
			return fmt.Errorf("WithRandomFault: the probabilities for %s sum up to %.3g; keep them at 1 or below", op.Name, sum)
		}
	}
	return nil
}

func (ch chance) meets(operation string) bool {
	return len(ch.operations) == 0 || slices.Contains(ch.operations, operation)
}

// throwDice chooses a random fault for a request. It is called locked.
func (h *Handler) throwDice(c *call) (Fault, bool) {
	if len(h.config.chances) == 0 {
		return Fault{}, false
	}
	name := c.op.Name + " " + c.Token
	key := h.derive(name) // short, however long the token is
	if h.config.memoryLimit > 0 && len(h.draws) > h.config.memoryLimit/1024 {
		clear(h.draws)
	}
	h.draws[key]++
	sum := h.derive("dice", name, strconv.FormatUint(h.draws[key], 10))
	x := rand.New(rand.NewChaCha8(sum)).Float64()
	for _, ch := range h.config.chances {
		if !ch.meets(c.op.Name) {
			continue
		}
		if x -= ch.probability; x < 0 {
			return ch.fault, true
		}
	}
	return Fault{}, false
}
