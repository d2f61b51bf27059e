// Package readme keeps the README honest: its tests compile every Go block and run every command.
//
// # Go blocks
//
// A block is one of three things:
//
//   - with a package clause it is a file and compiles as it stands. A program that takes its settings from
//     the environment (portal.NewFromEnv) is run against portaltest. A file with tests is run.
//   - without one, but with functions, types or variables, it is the body of a file; its imports are added.
//   - everything else is statements. They see ctx, client, token, sessionID, w, r and t, and may end with
//     return err. What they declare need not be used.
//
// # Commands
//
// Blocks of commands are marked sh. Each line runs by itself, under bash, in a copy of the tree; so cd and
// export have no place in them. Some are special:
//
//   - make is asked what it would do (make -n), for a test that runs the tests has no end.
//   - a block that begins with go mod or go get runs in a new module beside a copy of the tree.
//   - the sandbox is started, on a free port, and stopped when its block is over.
//   - what needs the published module is skipped, with a reason; see unpublished.
package readme

import (
	"fmt"
	"strings"
)

// A Block is a fenced block of a Markdown file.
type Block struct {
	Language string // as the fence says
	Line     int    // of its first line of text, from 1
	Text     string
}

// Blocks lists the fenced blocks of a Markdown text. It fails for a block without an end.
func Blocks(markdown string) ([]Block, error) {
	var all []Block
	var open *Block
	var indent string
	for i, line := range strings.Split(markdown, "\n") {
		fence, rest, isFence := strings.Cut(line, "```")
		isFence = isFence && strings.TrimSpace(fence) == ""
		switch {
		case open == nil && isFence:
			open, indent = &Block{Language: strings.TrimSpace(rest), Line: i + 2}, fence
		case open != nil && isFence && strings.TrimSpace(rest) == "":
			all = append(all, *open)
			open = nil
		case open != nil:
			open.Text += strings.TrimPrefix(line, indent) + "\n"
		}
	}
	if open != nil {
		return nil, fmt.Errorf("line %d: the block has no end", open.Line-1)
	}
	return all, nil
}
