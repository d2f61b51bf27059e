package portal_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	portal "github.com/portalclient/portal-client-go/wrapper"
)

func TestLogHoldsWhatIsListedAndNothingElse(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	handler := slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		switch {
		case a.Key == slog.TimeKey:
			return slog.Attr{}
		case a.Value.Kind() == slog.KindDuration:
			return slog.Bool(a.Key, a.Value.Duration() > 0 || a.Key == "delay") // which may be none; how long is another matter
		}
		return a
	}})
	srv := newScriptedServer(t, answer{status: 503}, jsonAnswer(200, customerBody))
	_, err := srv.client(t, portal.WithLogger(slog.New(handler))).EnsureMeldCustomer(portal.WithTraceID(t.Context(), "trace-1"), nil)
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	require.Len(t, lines, 2)
	require.JSONEq(t, `{"level":"WARN","msg":"portal: attempt failed, will retry","operation":"createMeldCustomer","method":"POST","status":503,"attempt":1,"trace":"trace-1","duration":true,"delay":true}`, lines[0])
	require.JSONEq(t, `{"level":"DEBUG","msg":"portal: attempt","operation":"createMeldCustomer","method":"POST","status":200,"attempt":2,"trace":"trace-1","duration":true}`, lines[1])
}
