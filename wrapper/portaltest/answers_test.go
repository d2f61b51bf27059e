package portaltest

import (
	"encoding/json"
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAnswer(t *testing.T) {
	t.Parallel()
	h, bugs := otherHandler(t)
	const list = "/v9/things?limit=3"
	h.Answer("listThings", map[string]any{"data": []string{"<a>"}})
	require.Equal(t, `{"data":["<a>"]}`, serve(h, "GET", list, "").Body.String())
	require.Equal(t, `{"data":["<a>"]}`, serve(h, "GET", list, "").Body.String(), "until it is changed")
	require.Equal(t, http.StatusBadRequest, serve(h, "GET", "/v9/things", "").Code, "requests are still checked")

	h.Answer("listThings", json.RawMessage(`{"data": [], "more": 12345678901234567890}`))
	require.JSONEq(t, `{"data":[],"more":12345678901234567890}`, serve(h, "GET", list, "").Body.String())
	h.Fail("listThings", Status(503))
	require.Equal(t, 503, serve(h, "GET", list, "").Code, "a fault comes first")
	h.Fail("listThings", CutBody(3))
	require.Panics(t, func() { serve(h, "GET", list, "") }, "a fault spoils the answer")
	require.Len(t, h.Requests("listThings"), 6)

	h.ClearAnswers("listThings")
	require.Equal(t, `{"data":["from the example"]}`, serve(h, "GET", list, "").Body.String())
	h.Answer("GET /things/{id}", struct {
		Data string `json:"data"`
	}{"6ba7b810-9dad-41d1-80b4-00c04fd430c8"})
	w := serve(h, "GET", "/v9/things/x", "")
	require.Equal(t, 201, w.Code)
	require.JSONEq(t, `{"data":"6ba7b810-9dad-41d1-80b4-00c04fd430c8"}`, w.Body.String())
	h.Answer("getPage", "<h1>")
	require.Equal(t, "<h1>", serve(h, "GET", "/v9/page", "").Body.String())
	h.Answer("deleteThing", nil)
	require.Equal(t, 204, serve(h, "DELETE", "/v9/things/x", "").Code)
	h.ClearAnswers()
	require.Equal(t, "<p>", serve(h, "GET", "/v9/page", "").Body.String())
	require.Empty(t, *bugs)
}

// A test is told which place of a wrong answer breaks which rule, or which name is the nearest.
func TestWrongAnswers(t *testing.T) {
	t.Parallel()
	h, _ := otherHandler(t)
	for want, set := range map[string]func(){
		"portaltest: Answer: the document does not allow this value for the reply 200 of listThings: /data/1: must be string, not number": func() {
			h.Answer("listThings", map[string]any{"data": []any{"a", 7}})
		},
		"portaltest: Answer: the document does not allow this value for the reply 200 of listThings: body: must be object, not null": func() {
			h.Answer("listThings", nil)
		},
		"portaltest: Answer: the document does not allow this value for the reply 204 of deleteThing: body: the document declares none; give nil": func() {
			h.Answer("deleteThing", 7)
		},
		"portaltest: Answer: the document does not allow this value for the reply 200 of getPage: body: the document declares text/html; give a string or bytes": func() {
			h.Answer("getPage", 7)
		},
		`portaltest: Answer: there is no operation "ListThing"; the nearest are listThings, putThing, deleteThing`:       func() { h.Answer("ListThing", nil) },
		`portaltest: AnswerFunc: there is no operation "tea"; the nearest are never, getPage, putThing`:                  func() { h.AnswerFunc("tea", nil) },
		"portaltest: AnswerFunc: the function is nil; ClearAnswers ends an answer":                                       func() { h.AnswerFunc("getPage", nil) },
		`portaltest: ClearAnswers: there is no operation "putThings"; the nearest are putThing, listThings, deleteThing`: func() { h.ClearAnswers("putThings") },
	} {
		require.PanicsWithValue(t, want, set)
	}
	require.Empty(t, h.answers)
}

func TestAnswerFunc(t *testing.T) {
	t.Parallel()
	h, bugs := otherHandler(t)
	h.AnswerFunc("putThing", func(r Request) (int, any) {
		r.Body[0] = 'x' // changes nothing
		switch string(r.Body[1:]) {
		case `"a":7}`:
			return 418, 7
		case `"a":6}`:
			return 418, 6
		case `"a":9}`:
			return 999, nil
		}
		return 409, map[string]any{"error": r.Token, "operation": r.Operation}
	})
	require.Equal(t, "7", serve(h, "PUT", "/v9/things", `{"a":7}`).Body.String())
	w := serve(h, "PUT", "/v9/things", `{"a":8}`)
	require.Equal(t, 409, w.Code)
	require.JSONEq(t, `{"error":"t","operation":"putThing"}`, w.Body.String())
	require.Empty(t, *bugs)
	require.JSONEq(t, `{"a":8}`, string(h.Requests()[1].Body))

	require.Equal(t, 500, serve(h, "PUT", "/v9/things", `{"a":6}`).Code)
	require.Equal(t, 500, serve(h, "PUT", "/v9/things", `{"a":9}`).Code)
	require.Equal(t, []string{
		"AnswerFunc: the reply 418 of putThing breaks the document: body: must be at least 7",
		"AnswerFunc: putThing got the status 999; return one from 200 to 599",
	}, *bugs)
}

// Answers may be set while requests are served, and their functions may ask the fake.
func TestAnswersAreSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	h, _ := otherHandler(t)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 50 {
				h.AnswerFunc("getPage", func(r Request) (int, any) {
					h.Requests(r.Operation)
					return 200, "<i>"
				})
				assert.Equal(t, 200, serve(h, "GET", "/v9/page", "").Code)
				h.Answer("getPage", "<b>")
				h.ClearAnswers("getPage")
			}
		})
	}
	wg.Wait()
}
