package portal_test

import (
	"bytes"
	"compress/gzip"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"time"

	portal "github.com/portalclient/portal-client-go/wrapper"
)

// Short names for the table.
var (
	unknown  = portal.ErrOutcomeUnknown
	unusable = portal.ErrUnusableResponse
	tooLarge = portal.ErrResponseTooLarge
	server   = portal.ErrServer
	limited  = portal.ErrRateLimited
	conflict = portal.ErrConflict
)

func allFaults(elsewhere *faultServer) []fault {
	return slices.Concat(connectionFaults(), silentFaults(), bodyFaults(), gzipFaults(), statusFaults(), retryAfterFaults(), redirects(elsewhere), tlsFaults())
}

// lost fills in the outcome of an attempt whose reply never came: a write is of unknown outcome, and only
// Ensure and the reads repeat it.
func lost(f fault) fault {
	f.write, f.ensure, f.read = fails(0, 1, unknown), fails(0, 3, unknown), fails(0, 3)
	return f
}

// same fills in one outcome for all.
func same(f fault, w want) fault {
	f.write, f.ensure, f.read = w, w, w
	return f
}

// unread fills in the outcome of a whole 200 that holds nothing of use: nobody repeats it, Ensure looks the
// customer up and meets the same.
func unread(f fault, is ...error) fault {
	is = append(is, unusable)
	f.write, f.ensure, f.read = fails(200, 1, is...), fails(200, 1, is...).in(2), fails(200, 1, is...)
	return f
}

// conflicts fills in the outcome of a 409 without a readable ID: Ensure looks it up.
func conflicts(f fault, is ...error) fault {
	f.exists = true
	f.write, f.ensure, f.read = fails(409, 1, append(is, conflict)...), found(2), found(1)
	return f
}

// on strikes the answers of one status only.
func on(status int, serve func(x *exchange, body string) bool) func(*exchange) bool {
	return func(x *exchange) bool {
		got, body := x.work()
		if got == status {
			return serve(x, body)
		}
		return x.reply(got, jsonType, body)
	}
}

// after strikes after the work, whatever came of it.
func after(serve func(x *exchange, status int, body string) bool) func(*exchange) bool {
	return func(x *exchange) bool {
		status, body := x.work()
		return serve(x, status, body)
	}
}

// instead strikes before the work.
func instead(serve func(*exchange)) func(*exchange) bool {
	return func(x *exchange) bool {
		serve(x)
		return false
	}
}

var earlyHints = "HTTP/1.1 103 Early Hints\r\nLink: <" + strings.Repeat("x", 4000) + ">\r\n\r\n"

func connectionFaults() []fault {
	reset := after(func(x *exchange, _ int, _ string) bool { return x.reset() })
	reused := lost(fault{name: "reset of a used connection", serve: (*exchange).reset, noWork: true, warm: true})
	reused.read = fails(0, 3).in(4) // net/http repeats a read on a used connection by itself
	return []fault{
		same(fault{name: "none"}, found(1)),
		same(fault{name: "refused", dial: true}, fails(0, 3).in(0)),
		{
			name: "closed before the request is read", greet: func(net.Conn) bool { return false },
			write: fails(0, 1, unknown).in(0), ensure: fails(0, 3, unknown).in(0), read: fails(0, 3).in(0),
		},
		lost(fault{name: "reset before the work", serve: (*exchange).reset, noWork: true}),
		lost(fault{name: "closed before the work", serve: instead(func(*exchange) {}), noWork: true}),
		lost(fault{name: "reset after the work", serve: reset}),
		reused,
		lost(fault{name: "head cut", serve: instead(func(x *exchange) { x.write("HTTP/1.1 200 OK\r\nContent-Le") }), noWork: true}),
		lost(fault{name: "another protocol", serve: instead(func(x *exchange) { x.write("SSH-2.0-x " + x.header.Get("Authorization") + x.body + "\r\n") }), noWork: true}),
		lost(fault{name: "a header with an echo", serve: instead(func(x *exchange) {
			x.write("HTTP/1.1 200 OK\r\n" + x.header.Get("Authorization") + x.body + "\r\n\r\n")
		}), noWork: true}),
		lost(fault{name: "two lengths", serve: instead(func(x *exchange) { x.write("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}") }), noWork: true}),
		lost(fault{name: "endless head", noWork: true, serve: func(x *exchange) bool {
			x.write("HTTP/1.1 200 OK\r\n")
			return x.endless("X-Pad: " + strings.Repeat("x", 1000) + "\r\n")
		}}),
		lost(fault{name: "endless 103", noWork: true, serve: func(x *exchange) bool { return x.endless(earlyHints) }}),
		same(fault{name: "1xx before the answer", serve: after(func(x *exchange, status int, body string) bool {
			x.write("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")
			return x.reply(status, jsonType, body)
		})}, found(1)),
		same(fault{name: "101 and nothing more", noWork: true, serve: func(x *exchange) bool {
			x.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
			return x.hang()
		}}, fails(101, 1)),
	}
}

func silentFaults() []fault {
	dripped := func(x *exchange, body string) bool {
		x.sends(body+strings.Repeat(" ", faultCap), true)
		x.write(head(http.StatusOK, jsonType, faultCap))
		return x.drip(" ")
	}
	return []fault{
		lost(fault{name: "silent before the work", timeout: true, noWork: true, serve: (*exchange).hang}),
		lost(fault{name: "silent after the work", timeout: true, serve: after(func(x *exchange, _ int, _ string) bool { return x.hang() })}),
		lost(fault{name: "dripping head", timeout: true, serve: after(func(x *exchange, status int, body string) bool {
			return x.drip(head(status, jsonType+"X-Pad: "+strings.Repeat("x", faultCap)+"\r\n", len(body)))
		})}),
		{
			name: "dripping 200", timeout: true, serve: on(200, func(x *exchange, _ string) bool { return dripped(x, "") }),
			write: fails(200, 1, unusable, unknown), ensure: found(2), read: fails(200, 3, unusable),
		},
		conflicts(fault{name: "dripping 409", timeout: true, serve: on(409, func(x *exchange, _ string) bool {
			x.sends(strings.Repeat(" ", faultCap), true)
			x.write(head(409, jsonType, faultCap))
			return x.drip(" ")
		})}),
		same(fault{name: "silent handshake", timeout: true, noWork: true, tls: true, greet: func(conn net.Conn) bool {
			_, _ = io.Copy(io.Discard, conn)
			return false
		}}, fails(0, 3).in(0)),
	}
}

// cut sends half of a body and ends the connection.
func cut(status int) func(*exchange, string) bool {
	return func(x *exchange, body string) bool {
		x.sends(body, true)
		x.write(head(status, jsonType, len(body)) + body[:len(body)/2])
		return false
	}
}

func bodyFaults() []fault {
	// with answers with another body, and json or another header.
	with := func(status int, header, body string) func(*exchange) bool {
		return on(status, func(x *exchange, _ string) bool { return x.reply(status, header, body) })
	}
	cause := func(target error) func(error) bool { return func(err error) bool { return errors.Is(err, target) } }
	endless := func(status int) func(*exchange, string) bool {
		return func(x *exchange, _ string) bool {
			x.write(fmt.Sprintf("HTTP/1.1 %d X\r\n%s\r\n{\"error\":\"", status, jsonType))
			return x.endless("xxxxxxxx")
		}
	}
	cutWant := func(f fault) fault {
		f.write, f.ensure, f.read = fails(200, 1, unusable, unknown), found(2), fails(200, 3, unusable)
		f.cause = cause(io.ErrUnexpectedEOF)
		return f
	}
	faults := []fault{
		cutWant(fault{name: "200 cut", serve: on(200, cut(200))}),
		cutWant(fault{name: "200 cut between chunks", serve: on(200, func(x *exchange, body string) bool {
			x.sends(body, true)
			x.write(fmt.Sprintf("HTTP/1.1 200 OK\r\n%sTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n", jsonType, len(body)-1, body[:len(body)-1]))
			return false
		})}),
		{
			name: "every body cut", serve: after(func(x *exchange, status int, body string) bool { return cut(status)(x, body) }), cause: cause(io.ErrUnexpectedEOF),
			write: fails(200, 1, unusable, unknown), ensure: fails(409, 2, conflict, unusable).in(5), read: fails(200, 3, unusable),
		},
		conflicts(fault{name: "409 cut", serve: on(409, cut(409))}),
		unread(fault{name: "200 endless", serve: on(200, endless(200))}, tooLarge),
		conflicts(fault{name: "409 endless", serve: on(409, endless(409))}, tooLarge),
		{
			name: "500 endless", noWork: true, serve: func(x *exchange) bool { return endless(500)(x, "") },
			write: fails(500, 1, server, tooLarge, unknown), ensure: fails(500, 3, server, tooLarge, unknown), read: fails(500, 3, server, tooLarge),
		},
		same(fault{name: "429 endless", noWork: true, serve: func(x *exchange) bool { return endless(429)(x, "") }}, fails(429, 3, limited, tooLarge)),
	}
	for name, body := range map[string]string{
		"empty": "", "garbage": "\x00\xff<html>", "null": "null", "{}": "{}", "a list": "[]", "half a text": `{"data":{"id":"cus_1"`,
		"data of a wrong type": `{"data":{"id":7,"customers":{}}}`, "no data": `{"data":{}}`,
	} {
		faults = append(faults, unread(fault{name: "200 with " + name, serve: with(200, jsonType, body)}))
	}
	for name, header := range map[string]string{"HTML": "Content-Type: text/html\r\n", "nothing": "", "garbage": "Content-Type: ;;\x01=\r\n"[:14] + ";;=\r\n"} {
		faults = append(faults,
			unread(fault{name: "200 declared as " + name, serve: on(200, func(x *exchange, body string) bool { return x.reply(200, header, body) })}),
			fault{
				name: "409 declared as " + name, exists: true, serve: on(409, func(x *exchange, body string) bool { return x.reply(409, header, body) }),
				write: fails(409, 1, conflict), ensure: found(1), read: found(1),
			})
	}
	for name, body := range map[string]string{
		"empty": "", "garbage": "\x00\xff<html>", "no ID": `{"error":"exists"}`, "an empty ID": `{"details":{"meldCustomerId":""}}`,
		"an ID of a wrong type": `{"error":{"message":"exists"},"details":{"meldCustomerId":7}}`,
	} {
		faults = append(faults, conflicts(fault{name: "409 with " + name, serve: with(409, jsonType, body)}))
	}
	return faults
}

func pack(body string) string {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = io.WriteString(w, body)
	_ = w.Close()
	return out.String()
}

// gzipBomb is a kilobyte that becomes a megabyte.
var gzipBomb = sync.OnceValue(func() string { return pack(`{"data":{"id":"` + strings.Repeat("x", 1<<20) + `"}}`) })

func gzipFaults() []fault {
	packed := func(pack func(string) string) func(*exchange) bool {
		return after(func(x *exchange, status int, body string) bool {
			return x.reply(status, jsonType+"Content-Encoding: gzip\r\n", pack(body))
		})
	}
	decompressing := func(t *http.Transport) { t.DisableCompression = false }
	bombed := func(string) string { return gzipBomb() }
	cutGzip := func(x *exchange, body string) bool {
		x.sends(body, true)
		half := pack(body)
		half = half[:len(half)/2]
		return x.write(head(200, jsonType+"Content-Encoding: gzip\r\n", len(half)) + half)
	}
	return []fault{
		unread(fault{name: "gzip that nobody asked for", serve: packed(pack)}),
		unread(fault{name: "gzip bomb", serve: packed(bombed)}),
		same(fault{name: "gzip for a transport that asked for it", transport: decompressing, serve: packed(pack)}, found(1)),
		unread(fault{name: "gzip bomb for a transport that asked for it", transport: decompressing, serve: packed(bombed)}, tooLarge),
		{
			name: "gzip cut", transport: decompressing, serve: on(200, cutGzip),
			write: fails(200, 1, unusable, unknown), ensure: found(2), read: fails(200, 3, unusable),
		},
	}
}

func statusFaults() []fault {
	answers := func(status int) fault {
		return fault{name: fmt.Sprint(status), noWork: true, serve: func(x *exchange) bool {
			return x.reply(status, jsonType, fmt.Sprintf(`{"error":{"message":%q}}`, x.header.Get("Authorization")+strings.ToUpper(x.body)))
		}}
	}
	var faults []fault
	for _, status := range []int{500, 502, 504, 507, 520, 599, 600} {
		f := answers(status)
		f.write, f.ensure, f.read = fails(status, 1, server, unknown), fails(status, 3, server, unknown), fails(status, 3, server)
		faults = append(faults, f)
	}
	for status, is := range map[int][]error{
		400: {portal.ErrBadRequest}, 401: {portal.ErrUnauthorized}, 402: nil, 403: {portal.ErrForbidden}, 404: {portal.ErrNotFound},
		405: nil, 408: nil, 410: nil, 413: nil, 422: nil, 425: nil, 499: nil, 501: {server},
	} {
		faults = append(faults, same(answers(status), fails(status, 1, is...)))
	}
	return faults
}

func retryAfterFaults() []fault {
	forms := []struct {
		name, header string
		asks         bool          // it counts as a Retry-After
		tooLong      time.Duration // longer than the policy waits
	}{
		{"none", "", false, 0},
		{"0", "Retry-After: 0\r\n", true, 0},
		{"seconds", "Retry-After: 120\r\n", true, 2 * time.Minute},
		{"a date", "Date: Sat, 01 Jan 2050 00:00:00 GMT\r\nRetry-After: Sat, 01 Jan 2050 01:00:00 GMT\r\n", true, time.Hour},
		{"a date and no Date", "Retry-After: Fri, 31 Dec 9999 23:59:59 GMT\r\n", true, -1},
		{"an old form of date", "Date: Sat, 01 Jan 2050 00:00:00 GMT\r\nRetry-After: Saturday, 01-Jan-50 01:00:00 GMT\r\n", true, time.Hour},
		{"a past date", "Retry-After: Sat, 01 Jan 2000 00:00:00 GMT\r\n", true, 0},
		{"negative", "Retry-After: -5\r\n", false, 0},
		{"a fraction", "Retry-After: 1.5\r\n", false, 0},
		{"garbage", "Retry-After: soon\r\n", false, 0},
		{"empty", "Retry-After: \r\n", false, 0},
		{"huge", "Retry-After: 9223372037\r\n", true, -1},
		{"more than fits", "Retry-After: 99999999999999999999999\r\n", true, -1},
		{"two of them", "Retry-After: 0\r\nRetry-After: 120\r\n", true, 0},
	}
	var faults []fault
	for _, form := range forms {
		for _, status := range []int{429, 503} {
			f := fault{name: fmt.Sprintf("%d with Retry-After %s", status, form.name), noWork: true, retryAfter: form.tooLong, serve: func(x *exchange) bool {
				return x.reply(status, jsonType+form.header, `{"error":"later"}`)
			}}
			is := map[int][]error{429: {limited}, 503: {server}}[status]
			switch {
			case form.tooLong != 0:
				f = same(f, fails(status, 1, is...))
			case status == 429 || form.asks:
				f = same(f, fails(status, 3, is...))
			default: // a bare 503 does not say whether it was carried out
				f.write, f.ensure, f.read = fails(503, 1, server, unknown), fails(503, 3, server, unknown), fails(503, 3, server)
			}
			faults = append(faults, f)
		}
	}
	return faults
}

func redirects(elsewhere *faultServer) []fault {
	other := elsewhere.listener.Addr().String()
	targets := []struct {
		name, location string
		tls            bool
	}{
		{"to the same origin", "Location: /api/v3/elsewhere\r\n", false},
		{"to another port", "Location: http://" + other + faultPath + "\r\n", false},
		{"to another host", "Location: http://" + strings.Replace(other, "127.0.0.1", "localhost", 1) + faultPath + "\r\n", false},
		{"to another host, without a scheme", "Location: //" + other + faultPath + "\r\n", false},
		{"from https to http", "Location: http://" + other + faultPath + "\r\n", true},
		{"to nonsense", "Location: http://[::1%zz\r\n", false},
		{"to nowhere", "", false},
	}
	var faults []fault
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, target := range targets {
			f := fault{name: fmt.Sprintf("%d %s", status, target.name), noWork: true, tls: target.tls, serve: func(x *exchange) bool {
				return x.reply(status, jsonType+target.location, `{"error":"moved"}`)
			}}
			faults = append(faults, same(f, fails(status, 1)))
		}
	}
	return faults
}

func tlsFaults() []fault {
	untrusted := func(err error) bool {
		var e *tls.CertificateVerificationError
		return errors.As(err, &e)
	}
	return []fault{
		same(fault{name: "TLS", tls: true}, found(1)),
		same(fault{name: "certificate of nobody", tls: true, cause: untrusted, transport: func(t *http.Transport) { t.TLSClientConfig = nil }}, fails(0, 1).in(0)),
		same(fault{name: "certificate of another host", tls: true, cause: untrusted, base: func(u string) string { return strings.Replace(u, "127.0.0.1", "localhost", 1) }}, fails(0, 1).in(0)),
		same(fault{name: "expired certificate", tls: true, cause: untrusted, transport: func(t *http.Transport) {
			t.TLSClientConfig.Time = func() time.Time { return time.Date(2500, 1, 1, 0, 0, 0, 0, time.UTC) }
		}}, fails(0, 1).in(0)),
		same(fault{name: "handshake reset", tls: true, greet: func(net.Conn) bool { return false }}, fails(0, 3).in(0)),
		same(fault{name: "TLS to a server without", greet: func(conn net.Conn) bool {
			_, _ = io.WriteString(conn, "HTTP/1.1 400 Bad Request\r\n\r\n")
			_, _ = io.Copy(io.Discard, conn)
			return false
		}, base: func(u string) string { return strings.Replace(u, "http:", "https:", 1) }}, fails(0, 1).in(0)),
	}
}

type testCert struct {
	certificate tls.Certificate
	pool        *x509.CertPool
}

// testCertificate is for 127.0.0.1 and example.com.
var testCertificate = sync.OnceValue(func() testCert {
	srv := httptest.NewTLSServer(http.NotFoundHandler())
	defer srv.Close()
	pool := x509.NewCertPool()
	pool.AddCert(srv.Certificate())
	return testCert{srv.TLS.Certificates[0], pool}
})
