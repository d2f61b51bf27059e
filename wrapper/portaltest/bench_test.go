package portaltest

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/internal/apicheck"
	"github.com/portalclient/portal-client-go/openapi"
)

const createBody = `{"name":{"firstName":"Jane","lastName":"Doe"},"email":"jane@example.com",` +
	`"phone":"+14155550100","dateOfBirth":"1990-02-03","type":"INDIVIDUAL"}`

// BenchmarkFirstStart is what the first server of a process costs: reading the document and listening.
func BenchmarkFirstStart(b *testing.B) {
	for b.Loop() {
		_, err := apicheck.Read(openapi.Merged)
		require.NoError(b, err)
		s := httptest.NewServer(NewHandler())
		s.Close()
	}
}

// BenchmarkStart is what each further server costs.
func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		NewServer(b).Close()
	}
}

// BenchmarkHandler serves creates, without a network.
func BenchmarkHandler(b *testing.B) {
	h := NewHandler(WithRequestHistory(0))
	var n atomic.Int64
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			r := httptest.NewRequest(http.MethodPost, "/api/v3/clients/me/integrations/meld/customers", strings.NewReader(createBody))
			r.Header.Set("Authorization", "Bearer token-"+strconv.FormatInt(n.Add(1), 10))
			r.Header.Set("Content-Type", "application/json")
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != http.StatusOK {
				b.Fatal(w.Code, w.Body)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "requests/s")
}

// BenchmarkLoopback serves creates over real connections; the client runs on the same cores.
func BenchmarkLoopback(b *testing.B) {
	s := NewServer(b, WithRequestHistory(0))
	var n atomic.Int64
	b.ReportAllocs()
	b.SetParallelism(8)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			r, err := http.NewRequest(http.MethodPost, s.URL()+"/clients/me/integrations/meld/customers", bytes.NewReader([]byte(createBody)))
			if err != nil {
				b.Error(err)
				return
			}
			r.Header.Set("Authorization", "Bearer token-"+strconv.FormatInt(n.Add(1), 10))
			r.Header.Set("Content-Type", "application/json")
			res, err := s.HTTPClient().Do(r)
			if err != nil {
				b.Error(err)
				return
			}
			_, _ = io.Copy(io.Discard, res.Body)
			_ = res.Body.Close()
			if res.StatusCode != http.StatusOK {
				b.Error(res.Status)
				return
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "requests/s")
}
