package main

import (
	"testing"

	"github.com/portalclient/portal-client-go/internal/bench/canned"
	"github.com/portalclient/portal-client-go/internal/bench/contender"
	"github.com/portalclient/portal-client-go/internal/bench/memory"
)

// BenchmarkMemory is one contender at a time, for profiles:
//
//	go test -run '^$' -bench 'Memory/409/portal_Ensure' -cpuprofile cpu.out -memprofile mem.out .
//
// To compare contenders, run the command: it measures them in turns.
func BenchmarkMemory(b *testing.B) {
	for _, c := range memory.Cases() {
		b.Run(c.Name, func(b *testing.B) {
			for _, x := range contender.All() {
				b.Run(x.Name, func(b *testing.B) {
					call, err := x.New("https://api.example.com/api/v3", canned.Token, canned.NewMemory(c.Status, c.Body))
					if err != nil {
						b.Fatal(err)
					}
					b.ReportAllocs()
					for b.Loop() {
						if _, err := call(b.Context()); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
		})
	}
}
