// Package portaltest is a fake Portal API for tests: a real HTTP server with state, which answers every operation,
// checks every request against the same document as the client, and fails on command.
//
//	func TestRegisterSurvivesALostReply(t *testing.T) {
//		fake := portaltest.NewServer(t)
//		fake.Fail("createMeldCustomer", portaltest.DropAfter()) // the work is done, the reply is lost
//
//		ensured, err := fake.Client("jane").EnsureMeldCustomer(t.Context(), nil) // your code here
//
//		if err != nil || ensured.ID != fake.Meld.Customers()["jane"].ID {
//			t.Fatalf("got %q, %v", ensured.ID, err)
//		}
//	}
//
// # The server
//
// [NewServer] listens on a loopback port until the test ends. [Server.URL] is its base URL, [Server.Client]
// makes a client of package portal for it, [Server.Custodian] a custodian. [NewHandler] is the same as an
// http.Handler, for servers of your own.
//
// Each token is an end user of its own, who sees only what belongs to that user. No token needs to be announced,
// but [WithTokens] allows some only, [Handler.ExpireToken] ends one, and [Handler.RotateToken] replaces one by
// another. [Handler.Requests] tells what arrived.
//
// # What it answers
//
// An operation of [Meld] or of a custodian ([Clients]) does what it says. Any other answers with the example of
// the document, or else with a small value made from its schema, the same for the same seed. [Handler.Answer] sets
// another answer, which must be one that the document allows, and [Handler.AnswerFunc] computes it.
//
// # What it checks
//
// Method, path, query, headers, Content-Type and body of each request must be as the document says, down to
// formats: an e-mail address must be one bare address, a date a day that exists. What the document says in
// words only is checked where it is plain, such as E.164 for a phone number. A request that is not valid gets
// the API's own 400, whose error names each place and its rule, and never a value:
//
//	{"error":"/dateOfBirth: must be a calendar date, written YYYY-MM-DD"}
//
// No token, or a malformed or expired one, is a 401; a path that the document does not have a 404; a method
// that the path does not have a 405; more than 1 MiB a 413. A query parameter that the document does not
// have is a 400 as well: the real API might ignore it, and a test that passes with a misspelled filter is
// worth nothing. Each reply is checked against the document too, and one that breaks it fails the test.
//
// # What goes wrong
//
// [Handler.Fail] scripts faults: the next requests of an operation meet them one by one. A [Fault] is a status
// with headers and a body, a connection that is lost before the work or after it, a body that is cut, endless,
// slow or no JSON, a wait, an expired token. [WithRandomFault] lets chance decide instead, in a way that
// repeats with the seed. A scripted fault that never happened fails the test at its end.
//
// # Time
//
// Nothing depends on the wall clock or on an unseeded random source: times in replies come from a clock of
// its own ([WithClock] sets another), IDs are made from the seed and the token. A [Delay] waits in real time,
// but in no time at all in a bubble of testing/synctest, where the server needs [WithMemoryNetwork]. [Hold]
// waits for the test instead.
package portaltest
