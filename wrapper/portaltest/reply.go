package portaltest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// A reply is what the fake is about to send.
type reply struct {
	status int
	header http.Header
	body   []byte
	value  any    // what body is made of, until it is checked
	like   string // the operation whose reply this is shaped like, when an option asks for another shape
}

// jsonReply answers with a value; it is encoded when the reply is checked.
func jsonReply(status int, value any) reply {
	return reply{status: status, header: jsonHeader(), value: value}
}

// dataReply answers 200 with the envelope of every success.
func dataReply(data any) reply {
	return jsonReply(http.StatusOK, object{"data": data})
}

// errorReply answers with the API's error shape.
func errorReply(status int, format string, args ...any) reply {
	rep := jsonReply(status, object{"error": fmt.Sprintf(format, args...)})
	rep.body, _ = encodeJSON(rep.value) // a map with one string always encodes
	return rep
}

// badRequest lists what is wrong, each with its place; not more than a reader takes in.
func badRequest(problems []string) reply {
	const most = 10
	slices.Sort(problems)
	if len(problems) > most {
		problems = append(problems[:most:most], fmt.Sprintf("and %d more", len(problems)-most))
	}
	return errorReply(http.StatusBadRequest, "%s", strings.Join(problems, "; "))
}

func jsonHeader() http.Header {
	return http.Header{"Content-Type": {"application/json"}}
}

func encodeJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// checked encodes a reply and validates it against the document. A reply that breaks it is our own bug:
// it is reported, and answered with a 500 that says so.
func (h *Handler) checked(op *operation, rep reply) reply {
	problems := h.encode(op, &rep)
	if len(problems) == 0 {
		return rep
	}
	sentence := fmt.Sprintf("bug in portaltest: the reply %d of %s breaks the document: %s",
		rep.status, op.id, strings.Join(problems, "; "))
	h.bug(sentence)
	return errorReply(http.StatusInternalServerError, "%s", sentence)
}

// encode fills in the body of a reply and says what the document has against it.
func (h *Handler) encode(op *operation, rep *reply) []string {
	var err error
	if rep.body, err = encodeJSON(rep.value); err != nil {
		return []string{"it does not encode: " + err.Error()}
	}
	if rep.like != "" {
		op = h.doc.byID[rep.like]
	}
	schema := h.doc.errorShape
	if spec := op.reply(rep.status); spec != nil {
		schema = spec.content["application/json"]
	} else if rep.status < 400 {
		return []string{"the document declares no such status"}
	}
	value, err := decodeJSON(rep.body)
	if err != nil {
		return []string{"it is no JSON: " + err.Error()}
	}
	return check("", schema, value)
}

func (rep reply) write(w http.ResponseWriter) {
	rep.writeHeader(w)
	_, _ = w.Write(rep.body) // a client that left is no concern of the fake
}

func (rep reply) writeHeader(w http.ResponseWriter) {
	for name, values := range rep.header {
		w.Header()[name] = values
	}
	if rep.bodyAllowed() {
		w.Header().Set("Content-Length", strconv.Itoa(len(rep.body)))
	}
	w.WriteHeader(rep.status)
}

func (rep reply) bodyAllowed() bool {
	return rep.status != http.StatusNoContent && rep.status != http.StatusNotModified
}
