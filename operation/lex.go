package operation

import (
	"strings"
	"unicode/utf8"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
)

// pos is a place in a document; both count from 1, and column counts characters.
type pos struct{ line, column int32 }

// before tells whether p stands before q.
func (p pos) before(q pos) bool {
	return p.line < q.line || p.line == q.line && p.column < q.column
}

// tokenKind is the kind of a lexical token (GraphQL, September 2025, section 2.1.6).
type tokenKind uint8

const (
	tokEOF tokenKind = iota
	tokPunct
	tokName
	tokInt
	tokFloat
	tokString
)

// token is a lexical token. text is the token as written, save for a string, of which it is the value.
type token struct {
	pos
	kind tokenKind
	text string
}

// is tells whether the token is that punctuator.
func (t token) is(punct string) bool { return t.kind == tokPunct && t.text == punct }

// describe names the token in an error message.
func (t token) describe() string {
	switch t.kind {
	case tokEOF:
		return "<EOF>"
	case tokString:
		return "String " + quote(t.text)
	case tokName:
		return "Name " + quote(t.text)
	case tokInt:
		return "Int " + quote(t.text)
	case tokFloat:
		return "Float " + quote(t.text)
	default:
		return quote(t.text)
	}
}

// lexer splits a document into tokens, as strictly as section 2.1 of the GraphQL specification. It reads every byte once.
// It counts tokens and brackets, so that no later reader meets a document that is too long or nested too deeply.
type lexer struct {
	src string
	at  int
	// line is the current line, lineStart the offset of its first byte, and wide the number of bytes since then that
	// continue a character.
	line, lineStart, wide int
	tokens, maxTokens     int
	nesting, maxNesting   int
}

func newLexer(src string, limits Limits) *lexer {
	return &lexer{src: src, line: 1, maxTokens: limits.Tokens, maxNesting: limits.nesting()}
}

// here is the place of the byte at offset at, which must be on the current line.
func (l *lexer) here(at int) pos {
	return pos{int32(l.line), int32(at - l.lineStart - l.wide + 1)}
}

// fail returns a syntax error at the given place.
func (l *lexer) fail(p pos, format string, args ...any) *gqlerr.Error {
	return gqlerr.New(gqlerr.ParseFailed, "Syntax Error: "+format, args...).At(int(p.line), int(p.column))
}

// next returns the next token, tokEOF at the end.
func (l *lexer) next() (token, *gqlerr.Error) {
	l.skipIgnored()
	t := token{pos: l.here(l.at)}
	if l.at >= len(l.src) {
		return t, nil
	}
	if l.tokens++; l.tokens > l.maxTokens {
		return t, gqlerr.New(gqlerr.QueryTokenLimitExceeded, "The document has more than %d tokens.", l.maxTokens).
			At(int(t.line), int(t.column))
	}
	var err *gqlerr.Error
	switch c := l.src[l.at]; {
	case isNameStart(c):
		l.name(&t)
	case strings.IndexByte("{}()[]:!=@$|&", c) >= 0:
		err = l.punct(&t, c)
	case c == '.':
		err = l.spread(&t)
	case c == '"':
		err = l.string(&t)
	case c == '-' || isDigit(c):
		err = l.number(&t)
	default:
		r, _ := utf8.DecodeRuneInString(l.src[l.at:])
		err = l.fail(t.pos, "Unexpected character: %s.", quote(string(r)))
	}
	return t, err
}

// skipIgnored skips white space, line ends, commas and comments; a byte order mark counts as white space.
func (l *lexer) skipIgnored() {
	for l.at < len(l.src) {
		switch c := l.src[l.at]; c {
		case ' ', '\t', ',':
			l.at++
		case '\n', '\r':
			l.newline(c)
		case '#':
			l.comment()
		case '\xEF':
			if !strings.HasPrefix(l.src[l.at:], "\uFEFF") {
				return
			}
			l.at += 3
			l.wide += 2
		default:
			return
		}
	}
}

// newline steps over a line end: \n, \r\n or \r.
func (l *lexer) newline(c byte) {
	l.at++
	if c == '\r' && l.at < len(l.src) && l.src[l.at] == '\n' {
		l.at++
	}
	l.line++
	l.lineStart, l.wide = l.at, 0
}

func (l *lexer) comment() {
	for l.at < len(l.src) && l.src[l.at] != '\n' && l.src[l.at] != '\r' {
		if !utf8.RuneStart(l.src[l.at]) {
			l.wide++
		}
		l.at++
	}
}

func (l *lexer) name(t *token) {
	end := l.at + 1
	for end < len(l.src) && (isNameStart(l.src[end]) || isDigit(l.src[end])) {
		end++
	}
	t.kind, t.text = tokName, l.src[l.at:end]
	l.at = end
}

func (l *lexer) punct(t *token, c byte) *gqlerr.Error {
	t.kind, t.text = tokPunct, l.src[l.at:l.at+1]
	l.at++
	switch c {
	case '{', '(', '[':
		if l.nesting++; l.nesting > l.maxNesting {
			return gqlerr.New(gqlerr.QueryDepthLimitExceeded, "The document nests more than %d brackets.", l.maxNesting).
				At(int(t.line), int(t.column))
		}
	case '}', ')', ']':
		l.nesting--
	}
	return nil
}

func (l *lexer) spread(t *token) *gqlerr.Error {
	if !strings.HasPrefix(l.src[l.at:], "...") {
		return l.fail(t.pos, "Unexpected character: \".\".")
	}
	t.kind, t.text = tokPunct, "..."
	l.at += 3
	return nil
}

// number reads an Int or Float value (sections 2.9.1 and 2.9.2).
func (l *lexer) number(t *token) *gqlerr.Error {
	start := l.at
	if l.src[l.at] == '-' {
		l.at++
	}
	if l.peek() == '0' {
		l.at++
	} else if err := l.digits(); err != nil {
		return err
	}
	t.kind = tokInt
	if l.peek() == '.' {
		t.kind = tokFloat
		l.at++
		if err := l.digits(); err != nil {
			return err
		}
	}
	if c := l.peek(); c == 'e' || c == 'E' {
		t.kind = tokFloat
		l.at++
		if c := l.peek(); c == '+' || c == '-' {
			l.at++
		}
		if err := l.digits(); err != nil {
			return err
		}
	}
	if c := l.peek(); c == '.' || isDigit(c) || isNameStart(c) {
		return l.fail(l.here(l.at), "Invalid number, unexpected %s after it.", quote(string(rune(c))))
	}
	t.text = l.src[start:l.at]
	return nil
}

// peek returns the next byte, 0 at the end.
func (l *lexer) peek() byte {
	if l.at < len(l.src) {
		return l.src[l.at]
	}
	return 0
}

// digits reads one digit or more.
func (l *lexer) digits() *gqlerr.Error {
	if !isDigit(l.peek()) {
		return l.fail(l.here(l.at), "Invalid number, expected a digit.")
	}
	for isDigit(l.peek()) {
		l.at++
	}
	return nil
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isNameStart(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' }
