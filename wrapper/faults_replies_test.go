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
	"strings"
	"sync"
	"time"

	portal "github.com/portalclient/portal-client-go/wrapper"
)

// cut sends half of a body and ends the connection.
func cut(status int) func(*exchange, string) bool {
	return func(x *exchange, body string) bool {
		x.sends(body, true)
		x.write(head(status, jsonType, len(body)) + body[:len(body)/2])
		return false
	}
}

func bodyFaults() []fault {
	// with changes the body of the answers of one status.
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
	noCause := func(f fault) fault {
		f.cause = nil
		return f
	}
	faults := []fault{
		cutWant(fault{name: "200 cut", serve: on(200, cut(200))}),
		cutWant(fault{name: "200 cut between chunks", serve: on(200, func(x *exchange, body string) bool {
			x.sends(body, true)
			x.write(fmt.Sprintf("HTTP/1.1 200 OK\r\n%sTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n", jsonType, len(body)-1, body[:len(body)-1]))
			return false
		})}),
		noCause(cutWant(fault{name: "200 with a broken trailer that echoes", serve: on(200, func(x *exchange, answer string) bool {
			x.sends(answer+" ", true)
			x.write(fmt.Sprintf("HTTP/1.1 200 OK\r\n%sTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n", jsonType, len(answer), answer))
			x.write(x.header.Get("Authorization") + x.body + "\r\n\r\n")
			return false
		})})),
		{
			name: "every body cut", serve: after(func(x *exchange, status int, body string) bool { return cut(status)(x, body) }), cause: cause(io.ErrUnexpectedEOF),
			write: fails(200, 1, unusable, unknown), ensure: fails(200, 5, conflict, unusable), read: fails(200, 3, unusable),
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
	saysSomething := map[string][]string{"no data": {"generated write", "generated read"}}
	for name, body := range map[string]string{
		"empty": "", "garbage": "\x00\xff<html>", "null": "null", "{}": "{}", "a list": "[]", "half a text": `{"data":{"id":"cus_1"`,
		"data of a wrong type": `{"data":{"id":7,"customers":{}}}`, "no data": `{"data":{}}`,
	} {
		faults = append(faults, unread(fault{name: "200 with " + name, serve: with(200, jsonType, body), usable: saysSomething[name]}))
	}
	for name, header := range map[string]string{"HTML": "Content-Type: text/html\r\n", "nothing": "", "garbage": "Content-Type: ;;=\r\n"} {
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
	return append(foreignBytes(), []fault{
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
	}...)
}

// foreignBytes are written into an encrypted connection behind the back of TLS, as a middlebox does. That breaks
// the connection with errors that look like those of a handshake, long after it.
func foreignBytes() (faults []fault) {
	for name, bytes := range map[string]string{
		"HTTP":                 "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n",
		"HTML":                 "<html><body>Blocked by policy</body></html>",
		"a record of nothing":  "\x17\x03\x03\x00\x20aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"an alert":             "\x15\x03\x03\x00\x02\x02\x28",
		"a handshake record":   "\x16\x03\x01\x00\x05hello",
		"another version":      "\x17\x09\x09\x00\x01a",
		"a record of too much": "\x17\x03\x03\xff\xff",
	} {
		for version, most := range map[string]uint16{"1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13} {
			write := func(x *exchange) { _, _ = io.WriteString(x.conn.(*tls.Conn).NetConn(), bytes) }
			limit := func(t *http.Transport) { t.TLSClientConfig.MaxVersion = most }
			faults = append(faults,
				lost(fault{name: name + " in TLS " + version + " before the work", tls: true, transport: limit, noWork: true, serve: instead(write)}),
				lost(fault{name: name + " in TLS " + version + " after the work", tls: true, transport: limit, serve: after(func(x *exchange, _ int, _ string) bool {
					write(x)
					return false
				})}))
		}
	}
	return faults
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
