package portal

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// promises are what the README promises about security, retries and time, in its words, and the tests that hold it.
var promises = map[string][]string{
	// What is promised about security
	"to the scheme, host and port of the base URL":           {"TestCredentialsGoToOneOrigin", "TestEditorsDoNotReachTheCredentials"},
	"over https (plain http for loopback only":               {"TestBaseURL", "TestPlainHTTPUsesNoProxy"},
	"checked on every attempt":                               {"TestOriginHoldsOnEveryAttempt", "TestBodyOfAnEditor"},
	"Redirects are never followed":                           {"TestRedirectsAreNeverFollowed"},
	"Cookies are neither kept nor sent":                      {"TestCookiesAreNeitherKeptNorSent"},
	"The custodian's key goes to the custodian API only":     {"TestKeysAndTokensGoTheirOwnWays", "TestSessions"},
	"operation, method, status, attempt, duration, trace ID": {"TestLogHoldsWhatIsListedAndNothingElse"},
	"No header, no body, no query":                           {"TestLogsHideEverything"},
	"no token, and no value that you gave for a person":      {"TestErrorsHideTokensAndPersons", "TestRefusalsHideWhatTheyRefuse", "TestNothingPrintsAToken", "TestTextsOfTheCallersErrors"},
	"only when it repeats nothing of the request":            {"TestMessagesThatRepeat", "TestSeveralRequestsRepeatNothing"},
	"what net/http quotes from the wire never is":            {"TestForeignBytesAreNeverShown", "TestForeignFramesAreNeverShown", "TestErrorsOfARoundTripperAreFoundNotShown"},
	"give the reply as it came":                              {"TestErrorKeepsWhatTheServerSaid", "TestFaults"},
	"leaves them out":                                        {"TestErrorsHideTokensAndPersons"},
	"at most 1 MiB of a body, before anything is decoded":    {"TestResponseCap"},

	// What is retried, and what never
	"Each operation of the documents is marked":     {"TestEveryOperationIsRepeatedByItsClass"},
	"no connection, 429, 503 with `Retry-After`":    {"TestRetriesByClass", "TestErrorBeforeTheRequestWasSent", "TestFaults", "TestSequences"},
	"lost or cut reply, other 5xx":                  {"TestRetriesByClass", "TestErrorAfterTheRequestWasSent", "TestFaults", "TestOutcomeUnknown", "TestSequences"},
	"create-or-409 finds what it made":              {"TestEnsureMeldCustomer", "TestSequences", "TestSequencesOfTwo", "TestStorm"},
	"once, with a new token":                        {"TestReplayAfter401", "TestRefusedTokenIsForgotten", "TestSequences"},
	"A 409, any other 4xx, a 3xx and a 501":         {"TestConflictIsNeverRetried", "TestRetriesByClass", "TestSequences"},
	"The default is three attempts":                 {"TestMaxAttempts", "TestDefaultsOfTime"},
	"exponential backoff and full jitter":           {"TestBackoffIsBounded", "TestBackoffDoubles"},
	"is obeyed up to 30 s":                          {"TestRetryAfterIsWaitedFor", "TestDefaultsOfTime", "TestWatchDoesNotBeginAForbiddenWait"},
	"A quota shared by all clients of one `New`":    {"TestQuotaStopsRetries", "TestClientsOfOneNewShare"},
	"while more than half of all attempts fail":     {"TestQuotaSurvivesALossyNetwork"},
	"a refused token of one end user takes nothing": {"TestRefusedTokensTakeNothingFromTheQuota"},
	"changes the numbers, not the rules":            {"TestWithRetryChangesNoRule"},

	// Timeouts
	"The context limits the whole call":                  {"TestSilentServer", "TestWaitEndsWithTheContext", "TestTimeouts"},
	"`WithAttemptTimeout` (30 s) limits each attempt":    {"TestDefaultsOfTime", "TestSilentServer"},
	"A wait that does not fit the deadline is not begun": {"TestWaitThatIsNotBegun", "TestWatchDoesNotBeginAForbiddenWait"},
}

// A promise without a test, or one that the README does not make any more, is a mistake in one of the two.
func TestPromisesOfTheREADME(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	words := strings.Join(strings.Fields(string(readme)), " ")
	files, err := filepath.Glob("*_test.go")
	require.NoError(t, err)
	tests := map[string]bool{}
	for _, file := range files {
		source, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, match := range regexp.MustCompile(`(?m)^func (Test\w+)\(`).FindAllSubmatch(source, -1) {
			tests[string(match[1])] = true
		}
	}
	for promise, by := range promises {
		require.Contains(t, words, promise, "the README does not say %q any more", promise)
		for _, test := range by {
			require.True(t, tests[test], "%s, which should hold %q, is gone", test, promise)
		}
	}
}
