package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A fault is read in the spelling in which portaltest writes it.
func TestParseFault(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Status(503)": "Status(503)", "Redirect(302, https://example.com/a.b)": "Redirect(302)",
		"ConflictWithoutID": "ConflictWithoutID", "ErrorObject(400)": "ErrorObject(400)", "Garbage(200)": "Garbage(200)",
		`ContentType("text/html")`: `ContentType("text/html")`, "ContentType(text/html)": `ContentType("text/html")`,
		"CutBody(0)": "CutBody(0)", "EndlessBody": "EndlessBody", "EndlessBody.Always": "EndlessBody", "Drip(10ms)": "Drip(10ms)",
		"DropBefore": "DropBefore", " DropAfter ": "DropAfter", "Silent.AfterWork": "Silent.AfterWork", "TokenExpired": "TokenExpired",
		"Pass.Times(3)": "Pass", "Status(503).RetryAfter(2s)": "Status(503).RetryAfter(2s)",
		"Status(502).Header(X-A, b).Body(text/html, <p>).AfterWork":      "Status(502).AfterWork",
		"Delay(1s).AfterWork.Then(Delay(2s).Then(Status(503).Times(2)))": "Delay(1s).AfterWork.Then(Delay(2s).Then(Status(503)))",
	} {
		f, err := parseFault(text)
		require.NoError(t, err, text)
		require.Equal(t, want, f.String())
	}
}

func TestParseFaultRefuses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                      `there is no fault or change of one ""; -h lists them`,
		"status(503)":           `there is no fault or change of one "status"; -h lists them`,
		"Status":                "Status: the values in brackets are not those that it takes; -h lists them",
		"Status()":              "Status: the values in brackets are not those that it takes; -h lists them",
		"ContentType":           "ContentType: the values in brackets are not those that it takes; -h lists them",
		"Status(many)":          `Status: strconv.Atoi: parsing "many": invalid syntax`,
		"Status(503":            `"Status(503" lacks its closing bracket`,
		"DropAfter(3)":          "DropAfter: the values in brackets are not those that it takes; -h lists them",
		"Delay(3)":              `Delay: time: missing unit in duration "3"`,
		"Redirect(302)":         "Redirect: the values in brackets are not those that it takes; -h lists them",
		"Redirect(302,)":        "Redirect: the values in brackets are not those that it takes; -h lists them",
		"Status(503).Later":     `there is no fault or change of one "Later"; -h lists them`,
		"Delay(1s).Then(Nope)":  `Then: there is no fault or change of one "Nope"; -h lists them`,
		"Delay(1s).Then":        "Then: the values in brackets are not those that it takes; -h lists them",
		"Status(503).Always(2)": "Always: the values in brackets are not those that it takes; -h lists them",
	} {
		_, err := parseFault(text)
		require.EqualError(t, err, want, text)
	}
}

func TestParseStep(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Status(503)":       "*",
		"makeTea=DropAfter": "makeTea",
		"Redirect(302, https://example.com/?a=b)":     "*",
		"GET /tea/{id}.json = Header(a, b=c).Nothing": "",
		"GET /tea/{id}.json=Pass.Header(X-A, b=c)":    "GET /tea/{id}.json",
	} {
		operation, _, err := parseStep(text)
		if want == "" {
			require.Error(t, err, text)
			continue
		}
		require.NoError(t, err, text)
		require.Equal(t, want, operation)
	}
}

func FuzzParseFault(f *testing.F) {
	f.Add("Delay(1s).Then(Status(503).RetryAfter(2s)).Times(2)")
	f.Add("Redirect(302, https://example.com/)")
	f.Add("))((..")
	f.Fuzz(func(t *testing.T, text string) {
		fault, err := parseFault(text)
		if err == nil {
			require.NotEqual(t, "Fault{}", fault.String())
		}
	})
}
