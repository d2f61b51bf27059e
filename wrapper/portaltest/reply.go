package portaltest

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/portalclient/portal-client-go/internal/apicheck"
)

// A reply is what the fake is about to send.
type reply struct {
	status int // 0: that of the operation's success, until it is checked
	header http.Header
	body   []byte
	value  any                 // what body is made of, until it is checked
	like   *apicheck.Operation // whose reply this is shaped like, when an option asks for another shape
}

// jsonReply answers with a value; it is encoded when the reply is checked.
func jsonReply(status int, value any) reply { return reply{status: status, value: value} }

// dataReply answers a success in the API's envelope.
func dataReply(data any) reply { return jsonReply(0, object{"data": data}) }

func (rep reply) clone() reply {
	rep.header = maps.Clone(rep.header)
	return rep
}

// reply makes one of a value and says what the document has against it.
func (h *Handler) reply(op *apicheck.Operation, status int, value any) (reply, []string) {
	header, body, err := op.Encode(status, value)
	rep := reply{status: status, header: header, body: body}
	if err != nil {
		return rep, []string{"body: " + err.Error()}
	}
	return rep, op.CheckReply(status, header, body)
}

// checked encodes a reply and validates it against the document. One that breaks it is reported, and answered
// with a 500 that says so.
func (h *Handler) checked(whose string, op *apicheck.Operation, rep reply) reply {
	if rep.body != nil { // it was checked when it was made
		return rep
	}
	shape, status := op, rep.status
	if rep.like != nil {
		shape = rep.like
	}
	if rep.status == 0 {
		rep.status, status = op.Success(), shape.Success()
	}
	out, problems := h.reply(shape, status, rep.value)
	if out.status = rep.status; len(problems) == 0 {
		return out
	}
	return h.broken(fmt.Sprintf("%s: the reply %d of %s breaks the document: %s", whose, rep.status, op.Name, strings.Join(problems, "; ")))
}

// errorReply answers with a text in the shape that the document has for errors of this status, or in the API's
// usual one where it has none, or there is no operation.
func (h *Handler) errorReply(op *apicheck.Operation, status int, format string, args ...any) reply {
	text := fmt.Sprintf(format, args...)
	usual := object{"error": text}
	if op != nil {
		for _, shape := range []any{usual, object{"message": text}, object{"error": object{"message": text}}, text} {
			if rep, problems := h.reply(op, status, shape); len(problems) == 0 && rep.body != nil {
				return rep
			}
		}
		if header, body, err := op.Example(status, h.config.seed); err == nil && body != nil {
			return reply{status: status, header: header, body: body}
		}
	}
	body, _ := apicheck.EncodeJSON(usual) // a map with one text always encodes
	return reply{status: status, header: jsonHeader(), body: body}
}

// badRequest lists what is wrong, each with its place; not more than a reader takes in.
func (h *Handler) badRequest(op *apicheck.Operation, problems []string) reply {
	const most = 10
	slices.Sort(problems)
	if len(problems) > most {
		problems = append(problems[:most:most], fmt.Sprintf("and %d more", len(problems)-most))
	}
	return h.errorReply(op, http.StatusBadRequest, "%s", strings.Join(problems, "; "))
}

func jsonHeader() http.Header {
	return http.Header{"Content-Type": {"application/json"}}
}

func (rep reply) write(w http.ResponseWriter) {
	rep.writeHeader(w)
	_, _ = w.Write(rep.body) // a client that left is no concern of the fake
}

func (rep reply) writeHeader(w http.ResponseWriter) {
	maps.Copy(w.Header(), rep.header)
	if rep.bodyAllowed() {
		w.Header().Set("Content-Length", strconv.Itoa(len(rep.body)))
	}
	w.WriteHeader(rep.status)
}

func (rep reply) bodyAllowed() bool {
	return rep.status != http.StatusNoContent && rep.status != http.StatusNotModified
}
