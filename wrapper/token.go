package portal

import (
	"context"
	"strings"
)

// A TokenSource supplies the Client API Key or Client Session Token that a call is sent with. It is asked
// on every attempt, possibly by many goroutines at once; wrap it in [CachedTokenSource] when asking is
// expensive. It must obey its context.
type TokenSource interface {
	Token(ctx context.Context) (string, error)
}

// TokenFunc is a function as a [TokenSource].
type TokenFunc func(ctx context.Context) (string, error)

// Token calls f.
func (f TokenFunc) Token(ctx context.Context) (string, error) {
	if f == nil {
		return "", errNoTokenSource
	}
	return f(ctx)
}

// StaticToken is a [TokenSource] for one token that does not change. It is a closure: no fmt verb, JSON or
// slog can print what it holds. With a token that cannot be sent, calls fail with [ErrTokenSource].
func StaticToken(token string) TokenSource {
	return TokenFunc(func(context.Context) (string, error) { return token, nil })
}

// An Invalidator is a [TokenSource] that can be told that a token is no good. When the API answers 401 to
// it, the client calls Invalidate with the refused token and repeats the request once with the next one.
type Invalidator interface {
	Invalidate(token string)
}

// checkToken refuses what cannot stand behind "Bearer " in a header: anything but visible ASCII.
func checkToken(token string) error {
	switch {
	case token == "":
		return &invalidRequest{"token", "is empty: the TokenSource has to return a Client API Key or a Client Session Token"}
	case strings.HasPrefix(token, "Bearer "):
		return &invalidRequest{"token", `starts with "Bearer ": pass the token alone`}
	}
	for _, c := range []byte(token) {
		if c <= ' ' || c > '~' {
			return &invalidRequest{"token", "holds a character that cannot stand in a header, such as a space or a line break at its end"}
		}
	}
	return nil
}

// errNoTokenSource is what a client without a source answers to every call.
const errNoTokenSource = notice("the TokenSource is nil: pass StaticToken, TokenFunc or CachedTokenSource")
