package main

import (
	"time"

	"github.com/portalclient/portal-client-go/internal/bench/memory"
)

// A length says how long each part measures.
type length struct {
	memory           memory.Rounds
	body             memory.Rounds
	throughputRounds int
	throughputSlice  time.Duration
	curveRounds      int
	tokensRounds     int
	tokensSlice      time.Duration
	tokenSources     int
	stall            time.Duration
	operations       []int
	generationRounds int
}

// full is what RESULTS.md is made with: under ten minutes on two cores.
var full = length{
	memory:           memory.Rounds{N: 21, Slice: 40 * time.Millisecond},
	body:             memory.Rounds{N: 11, Slice: 60 * time.Millisecond},
	throughputRounds: 7,
	throughputSlice:  400 * time.Millisecond,
	curveRounds:      3,
	tokensRounds:     9,
	tokensSlice:      400 * time.Millisecond,
	tokenSources:     10_000,
	stall:            time.Minute,
	operations:       []int{1, 10, 20, 40, 80},
	generationRounds: 3,
}

// short shows that everything works.
var short = length{
	memory:           memory.Rounds{N: 3, Slice: 10 * time.Millisecond},
	body:             memory.Rounds{N: 2, Slice: 20 * time.Millisecond},
	throughputRounds: 3,
	throughputSlice:  100 * time.Millisecond,
	curveRounds:      1,
	tokensRounds:     2,
	tokensSlice:      100 * time.Millisecond,
	tokenSources:     10_000,
	stall:            3 * time.Second,
	operations:       []int{1, 20},
	generationRounds: 1,
}
