package portaltest

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/portalclient/portal-client-go/internal/apicheck"
)

// An answer is what the test says that a valid request of an operation gets.
type answer func(*call) reply

// Answer sets what an operation answers from now on, for every end user: value, as JSON, with the status of
// the operation's success. It takes a value of package api as well as a map or a json.RawMessage, and nil where
// a success has no body. The requests are still checked, faults still happen, and [Handler.Requests] still
// tells what arrived.
//
// A value that the document does not allow is a wrong argument, and the sentence says which place of it
// breaks which rule; a name that no operation has is one too, and the sentence has the nearest names. An
// operation without operationId is called by its method and path template, as in "GET /things/{id}".
func (h *Handler) Answer(operation string, value any) {
	h.helper()
	op := h.operation("Answer", operation)
	if op == nil {
		return
	}
	rep, problems := h.reply(op, op.Success(), value)
	if len(problems) > 0 {
		h.complain(fmt.Sprintf("Answer: the document does not allow this value for the reply %d of %s: %s",
			rep.status, op.Name, strings.Join(problems, "; ")))
		return
	}
	h.setAnswer(op, func(*call) reply { return rep })
}

// AnswerFunc lets a function answer the valid requests of an operation from now on. It returns the status and
// a value for the body, as [Handler.Answer] takes it, and may be called by several requests at the same time.
// A reply that the document does not allow is answered with a 500 that names place and rule; on a [Server] it
// fails the test as well. A failure that the document does not declare may have any body.
func (h *Handler) AnswerFunc(operation string, f func(Request) (status int, body any)) {
	h.helper()
	op := h.operation("AnswerFunc", operation)
	switch {
	case op == nil:
		return
	case f == nil:
		h.complain("AnswerFunc: the function is nil; ClearAnswers ends an answer")
		return
	}
	h.setAnswer(op, func(c *call) reply {
		h.mu.Lock()
		request := c.clone()
		h.mu.Unlock()
		status, body := f(request)
		if status < 200 || status > 599 {
			return h.broken(fmt.Sprintf("AnswerFunc: %s got the status %d; return one from 200 to 599", op.Name, status))
		}
		return h.checked("AnswerFunc", op, reply{status: status, value: body})
	})
}

// ClearAnswers lets the named operations, or all of them if none is named, answer by themselves again.
func (h *Handler) ClearAnswers(operations ...string) {
	h.helper()
	for _, name := range operations {
		if h.operation("ClearAnswers", name) == nil {
			return
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(operations) == 0 {
		clear(h.answers)
	}
	for _, name := range operations {
		delete(h.answers, h.doc.Operation(name))
	}
}

func (h *Handler) setAnswer(op *apicheck.Operation, a answer) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.answers[op] = a
}

// operation finds one by its name, and complains when there is none.
func (h *Handler) operation(method, name string) *apicheck.Operation {
	h.helper()
	op := h.doc.Operation(name)
	if op == nil {
		h.complain(method + ": " + unknownOperation(h.doc, name))
	}
	return op
}

func unknownOperation(doc *apicheck.Document, name string) string {
	return fmt.Sprintf("there is no operation %q; the nearest are %s", name, strings.Join(doc.Nearest(name), ", "))
}

// example is the reply that the document itself has for a status, or one that is made from its schema.
func (h *Handler) example(op *apicheck.Operation, status int) reply {
	type key struct {
		op     *apicheck.Operation
		status int
	}
	if rep, ok := h.examples.Load(key{op, status}); ok {
		return rep.(reply).clone()
	}
	header, body, err := op.Example(status, h.config.seed)
	if err != nil {
		return h.broken(fmt.Sprintf("%v; say what it answers with Answer(%q, value)", err, op.Name))
	}
	rep := reply{status: status, header: header, body: body}
	h.examples.Store(key{op, status}, rep)
	return rep.clone()
}

// broken reports a reply that cannot be sent, and is what is sent instead.
func (h *Handler) broken(sentence string) reply {
	h.bug(sentence)
	return h.errorReply(nil, http.StatusInternalServerError, "%s", sentence)
}
