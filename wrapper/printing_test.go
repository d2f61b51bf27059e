package portal_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/portalclient/portal-client-go/api"
	portal "github.com/portalclient/portal-client-go/wrapper"
)

const (
	allVerbs   = "vTtbcdoOqxXUeEfFgGsp"
	errorVerbs = "vTsqxXp" // for which fmt asks an error of another package what to print
)

// printed is value in every form in which it may come into a log.
func printed(value any, verbs string) map[string]string {
	out := map[string]string{"Sprint": fmt.Sprint(value), "Sprintln": fmt.Sprintln(value)}
	for _, verb := range verbs {
		for _, flags := range []string{"", "+", "#", "-", " ", "0", "+#", "# ", "100", ".3"} {
			format := "%" + flags + string(verb)
			out[format] = fmt.Sprintf(format, value)
		}
	}
	encode := func(name string, encode func(io.Writer) error) {
		var b bytes.Buffer
		err := encode(&b)
		out[name] = fmt.Sprint(b.String(), err)
	}
	encode("json", func(w io.Writer) error { return json.NewEncoder(w).Encode(value) })
	encode("json of a struct", func(w io.Writer) error { return json.NewEncoder(w).Encode(struct{ V any }{value}) })
	encode("yaml", func(w io.Writer) (err error) {
		defer func() {
			if r := recover(); r != nil {
				err = fmt.Errorf("%v", r) // it does not take functions
			}
		}()
		return yaml.NewEncoder(w).Encode(value)
	})
	encode("gob", func(w io.Writer) error { return gob.NewEncoder(w).Encode(value) })
	encode("xml", func(w io.Writer) error { return xml.NewEncoder(w).Encode(value) })
	encode("log", func(w io.Writer) error { log.New(w, "", 0).Print(value); return nil })
	for name, handler := range map[string]func(io.Writer) slog.Handler{
		"slog text": func(w io.Writer) slog.Handler { return slog.NewTextHandler(w, nil) },
		"slog json": func(w io.Writer) slog.Handler { return slog.NewJSONHandler(w, nil) },
	} {
		encode(name, func(w io.Writer) error {
			logger := slog.New(handler(w))
			logger.With("with", value).WithGroup("group").Error("message", "value", value, "in", []any{value}, slog.Any("any", struct{ V any }{value}))
			return nil
		})
	}
	return out
}

// dump is everything that reflection can reach, exported or not, as a debugger or a library such as spew shows it.
func dump(value any) string {
	var out strings.Builder
	seen := map[unsafe.Pointer]bool{}
	var walk func(reflect.Value)
	walk = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Pointer:
			if !v.IsNil() && !seen[v.UnsafePointer()] {
				seen[v.UnsafePointer()] = true
				walk(v.Elem())
			}
		case reflect.Interface:
			walk(v.Elem())
		case reflect.Struct:
			for i := range v.NumField() {
				walk(v.Field(i))
			}
		case reflect.Slice, reflect.Array:
			if v.Type().Elem().Kind() == reflect.Uint8 {
				for i := range v.Len() {
					out.WriteByte(byte(v.Index(i).Uint()))
				}
				return
			}
			for i := range v.Len() {
				walk(v.Index(i))
			}
		case reflect.Map:
			for _, key := range v.MapKeys() {
				walk(key)
				walk(v.MapIndex(key))
			}
		case reflect.String:
			out.WriteString(v.String() + " ")
		}
	}
	walk(reflect.ValueOf(value))
	return out.String()
}

// forms are the ways in which a text can be read out of what was printed.
func forms(secret string) []string {
	b := []byte(secret)
	spaced := strings.TrimSuffix(strings.Join(strings.SplitAfter(fmt.Sprintf("% x", b), " "), ""), " ")
	return []string{
		secret, hex.EncodeToString(b), strings.ToUpper(hex.EncodeToString(b)), spaced, strings.ToUpper(spaced),
		strings.Trim(fmt.Sprint(b), "[]"), strings.Trim(fmt.Sprintf("%o", b), "[]"), strings.Trim(fmt.Sprintf("%b", b), "[]"),
		strings.TrimSuffix(strings.TrimPrefix(fmt.Sprintf("%#v", b), "[]byte{"), "}"), base64.RawStdEncoding.EncodeToString(b)[:len(b)],
	}
}

func requireHidden(t *testing.T, value any, verbs string, secrets ...string) {
	t.Helper()
	var hidden []string
	for _, secret := range secrets {
		for _, form := range forms(secret) {
			hidden = append(hidden, strings.ToLower(form))
		}
	}
	for form, text := range printed(value, verbs) {
		text = strings.ToLower(text)
		for _, secret := range hidden {
			if strings.Contains(text, secret) {
				t.Fatalf("%T printed by %s shows %q: %.500s", value, form, secret, text)
			}
		}
	}
}

// vault is a TokenSource that holds its token as a plain field.
type vault struct{ Secret string }

func (v vault) Token(context.Context) (string, error) { return v.Secret, nil }

func TestNothingPrintsAToken(t *testing.T) {
	t.Parallel()
	srv := newScriptedServer(t, jsonAnswer(200, customerBody))
	cached := portal.CachedTokenSource(vault{faultToken})
	opts := []portal.Option{portal.WithBaseURL(srv.URL), portal.WithUserAgent("shop/1"), portal.WithLogger(slog.New(slog.DiscardHandler))}
	client := newClient(t, cached, opts...)
	_, err := client.CreateMeldCustomer(t.Context(), jane) // now it holds the token, too
	require.NoError(t, err)
	other := client.WithTokenSource(vault{faultToken})
	generated := client.API().ClientInterface
	for _, value := range []any{
		portal.StaticToken(faultToken), portal.CachedTokenSource(portal.StaticToken(faultToken)), cached,
		portal.TokenFunc(func(context.Context) (string, error) { return faultToken, nil }),
		client, *client, other, *other, client.API(), *client.API(), generated, client.CreateMeldCustomer,
		opts, opts[0], portal.WithTraceID(t.Context(), "trace"),
		[]*portal.Client{client}, map[string]*portal.Client{"c": client}, []portal.Client{*client}, []portal.TokenSource{cached},
		struct{ C *portal.Client }{client}, struct{ C portal.Client }{*client}, &struct{ c *portal.Client }{client}, struct{ c portal.Client }{*other},
		struct{ T portal.TokenSource }{cached}, struct{ t portal.TokenSource }{portal.StaticToken(faultToken)},
		fmt.Errorf("with %v: %w", client, io.EOF),
	} {
		requireHidden(t, value, allVerbs, faultToken)
	}
}

// echoes are error bodies that repeat everything that the request told the server.
func echoes(r *http.Request, body string) []string {
	token := r.Header.Get("Authorization")
	var values []string
	var value any
	_ = json.Unmarshal([]byte(body), &value)
	var collect func(any)
	collect = func(v any) {
		switch v := v.(type) {
		case string:
			values = append(values, v)
		case map[string]any:
			for _, v := range v {
				collect(v)
			}
		}
	}
	collect(value)
	said := strings.Join(append(values, token, body), " ; ")
	var out []string
	for _, said := range []string{said, strings.ToUpper(said), strings.ToLower(said), "'" + strings.Join(values, "','") + "'=" + token + "!"} {
		quoted, _ := json.Marshal(said)
		for _, format := range []string{
			`{"error":%s}`, `{"error":{"message":%s}}`, `{"message":%s}`, `{"message":{"message":%s}}`, `{"data":{"id":%s`, `{"data":{"id":[%s]}}`, `{"details":%s}`, `{"data":{"id":14155550123}, "x":%s}`,
		} {
			out = append(out, fmt.Sprintf(format, quoted))
		}
	}
	return out
}

// echoErrors are the errors of calls to a server that repeats what it was told, in its headers as well.
func echoErrors(t *testing.T) (all []error) {
	var status, n int
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		answers := echoes(r, string(body))
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Echo", r.Header.Get("Authorization")+string(body))
		w.Header().Set("Retry-After", r.Header.Get("Authorization"))
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answers[n%len(answers)])
	}))
	defer srv.Close()
	client := newClient(t, portal.StaticToken(faultToken), portal.WithBaseURL(srv.URL), portal.WithRetry(portal.RetryPolicy{MaxAttempts: 1}))
	for _, status = range []int{200, 204, 307, 400, 401, 409, 429, 500, 503} {
		for n = range 32 {
			for _, e := range entries {
				if n > 0 && (e.method == http.MethodGet || status%100 > 9) {
					continue // it tells the server nothing, or the status tells the client nothing new
				}
				if _, err := e.do(t.Context(), client); err != nil {
					all = append(all, err)
				}
			}
		}
	}
	return all
}

func TestErrorsHideTokensAndPersons(t *testing.T) {
	t.Parallel()
	all := echoErrors(t)
	require.Greater(t, len(all), 400)
	for i, err := range all {
		requireNoSecrets(t, err)
		reachable := strings.ToLower(dump(err))
		for _, secret := range secrets {
			require.NotContains(t, reachable, secret)
		}
		if i%100 != 0 { // the forms of some are enough: they differ in their text, not in their type
			continue
		}
		apiErr := requireAPIError(t, err)
		wrapped := fmt.Errorf("register: %w", err)
		for _, value := range []any{apiErr, []error{apiErr}, map[string]error{"e": apiErr}, struct{ Err error }{apiErr}, &struct{ E *portal.APIError }{apiErr}} {
			requireHidden(t, value, allVerbs, secrets...)
		}
		// %p of a struct is an error of the caller's, in which fmt asks no method what to print; go vet finds it.
		withoutP := strings.TrimSuffix(allVerbs, "p")
		for _, value := range []any{*apiErr, []portal.APIError{*apiErr}, struct{ E portal.APIError }{*apiErr}} {
			requireHidden(t, value, withoutP, secrets...)
		}
		for _, value := range []any{err, wrapped, fmt.Errorf("%w and %w", err, io.EOF), errors.Join(io.EOF, wrapped)} {
			requireHidden(t, value, errorVerbs, secrets...)
		}
		requireHidden(t, struct{ err error }{err}, "v", secrets...)
		requireHidden(t, fmt.Sprintf("%+v", portal.EnsuredMeldCustomer{ID: "cus_1", Customer: &api.MeldCustomer{Email: jane.Email}}), "v", secrets...)
	}
}

func TestRefusalsHideWhatTheyRefuse(t *testing.T) {
	t.Parallel()
	client := newClient(t, portal.StaticToken(faultToken), portal.WithBaseURL("http://127.0.0.1:1"))
	for _, req := range []*api.MeldCreateCustomerRequest{
		{Email: "jane.roe@mail.invalid, jane"}, {Phone: "004155550123"}, {Type: "jane"}, {DateOfBirth: date(12345, 2, 3), Email: jane.Email},
	} {
		_, err := client.EnsureMeldCustomer(t.Context(), req)
		require.ErrorIs(t, err, portal.ErrInvalidRequest)
		requireHidden(t, err, errorVerbs, secrets...)
	}
	for _, token := range []string{faultToken + "\n", "Bearer " + faultToken, faultToken + "é"} {
		_, err := client.WithTokenSource(portal.StaticToken(token)).GetMeldCustomer(t.Context())
		require.ErrorIs(t, err, portal.ErrTokenSource)
		requireHidden(t, err, errorVerbs, faultToken)
		requireHidden(t, requireAPIError(t, err), allVerbs, faultToken)
	}
	for _, opt := range []portal.Option{
		portal.WithBaseURL("https://jane:" + faultToken + "@api.example"), portal.WithBaseURL("https://api.example?key=" + faultToken),
		portal.WithBaseURL("https://api.example/#" + faultToken), portal.WithBaseURL(faultToken + "://"), portal.WithBaseURL("http://" + faultToken),
		portal.WithBaseURL("https://\x7f" + faultToken), portal.WithUserAgent(faultToken + "\n"),
	} {
		_, err := portal.New(portal.StaticToken("tok"), opt)
		require.Error(t, err)
		requireHidden(t, err, errorVerbs, faultToken)
	}
	_, err := client.API().CreateMeldCustomerWithResponse(portal.WithTraceID(t.Context(), faultToken+"\n"), *jane)
	require.ErrorIs(t, err, portal.ErrInvalidRequest)
	requireHidden(t, err, errorVerbs, secrets...)
}

func TestNewFromEnvHidesTheToken(t *testing.T) {
	for _, token := range []string{faultToken + "\n", "Bearer " + faultToken} {
		t.Setenv("PORTAL_CLIENT_TOKEN", token)
		_, err := portal.NewFromEnv()
		require.Error(t, err)
		requireHidden(t, err, errorVerbs, faultToken)
	}
}

// The log of whole calls, with all that can go wrong in them, holds no token, body, query or person.
func TestLogsHideEverything(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]func(io.Writer, *slog.HandlerOptions) slog.Handler{
		"text": func(w io.Writer, o *slog.HandlerOptions) slog.Handler { return slog.NewTextHandler(w, o) },
		"json": func(w io.Writer, o *slog.HandlerOptions) slog.Handler { return slog.NewJSONHandler(w, o) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			logger := slog.New(handler(&out, &slog.HandlerOptions{Level: slog.LevelDebug - 100, AddSource: true}))
			for _, status := range []int{200, 307, 400, 401, 409, 429, 500, 503} {
				srv := newScriptedServer(t, answer{
					status: status, body: `{"error":"jane s3cret","data":{"id":"cus_s3cret","email":"jane.roe@mail.invalid"}}`,
					header: http.Header{"X-Echo": {faultToken}, "Set-Cookie": {"s3cret=1"}, "Retry-After": {"0"}},
				})
				client := srv.client(t, portal.WithLogger(logger)).WithTokenSource(portal.CachedTokenSource(vault{faultToken}))
				for _, e := range entries[:4] {
					_, _ = e.do(t.Context(), client)
				}
				_, _ = client.API().SearchMeldRetailTransactionsWithResponse(t.Context(), &api.SearchMeldRetailTransactionsParams{}, func(_ context.Context, r *http.Request) error {
					r.URL.RawQuery = "email=jane.roe@mail.invalid&s3cret=1"
					r.Header.Set("X-S3cret", "s3cret")
					return nil
				})
				_, _ = client.API().GetMeldRetailTransactionWithResponse(t.Context(), "s3cret")
			}
			refused := newClient(t, portal.StaticToken(faultToken), portal.WithBaseURL("http://127.0.0.1:1/s3cret"), portal.WithLogger(logger), portal.WithRetry(portal.RetryPolicy{BaseDelay: 1}))
			_, _ = refused.EnsureMeldCustomer(t.Context(), jane)
			require.Greater(t, strings.Count(out.String(), "\n"), 80)
			require.Contains(t, out.String(), "searchMeldRetailTransactions")
			for _, secret := range append([]string{"s3cret", "bearer", "authorization", "127.0.0.1"}, secrets...) {
				require.NotContains(t, strings.ToLower(out.String()), secret)
			}
		})
	}
}
