package portal_test

import (
	"io"
	"net"
	"slices"
	"strings"

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
// customer up and meets the same, so that its error counts both requests.
func unread(f fault, is ...error) fault {
	is = append(is, unusable)
	f.write, f.ensure, f.read = fails(200, 1, is...), fails(200, 2, is...), fails(200, 1, is...)
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
		lost(fault{name: "half a megabyte of headers", serve: after(func(x *exchange, status int, body string) bool {
			return x.reply(status, jsonType+"X-Pad: "+strings.Repeat("x", 512<<10)+"\r\n", body)
		})}),
		lost(fault{name: "endless 103", noWork: true, serve: func(x *exchange) bool { return x.endless(earlyHints) }}),
		same(fault{name: "1xx before the answer", serve: after(func(x *exchange, status int, body string) bool {
			x.write("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")
			return x.reply(status, jsonType, body)
		})}, found(1)),
		lost(fault{name: "101 and nothing more", noWork: true, serve: func(x *exchange) bool {
			x.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
			return x.hang()
		}}),
	}
}

func silentFaults() []fault {
	dripping := func(status int) func(*exchange) bool {
		return on(status, func(x *exchange, _ string) bool {
			x.sends(strings.Repeat(" ", faultCap), true)
			x.write(head(status, jsonType, faultCap))
			return x.drip(" ")
		})
	}
	return []fault{
		lost(fault{name: "silent before the work", timeout: true, noWork: true, serve: (*exchange).hang}),
		lost(fault{name: "silent after the work", timeout: true, serve: after(func(x *exchange, _ int, _ string) bool { return x.hang() })}),
		lost(fault{name: "dripping head", timeout: true, serve: after(func(x *exchange, status int, body string) bool {
			return x.drip(head(status, jsonType+"X-Pad: "+strings.Repeat("x", faultCap)+"\r\n", len(body)))
		})}),
		{
			name: "dripping 200", timeout: true, serve: dripping(200),
			write: fails(200, 1, unusable, unknown), ensure: found(2), read: fails(200, 3, unusable),
		},
		conflicts(fault{name: "dripping 409", timeout: true, serve: dripping(409)}),
		same(fault{name: "silent handshake", timeout: true, noWork: true, tls: true, greet: func(conn net.Conn) bool {
			_, _ = io.Copy(io.Discard, conn)
			return false
		}}, fails(0, 3).in(0)),
	}
}
