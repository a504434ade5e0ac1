package federation

import "strings"

// token is a lexical token of a GraphQL document (GraphQL specification, 2.1.6), a whole string included.
type token struct {
	text  string
	start int
}

// scan cuts a document into tokens. Ignored characters and comments are left out. It accepts whatever it is given:
// what is no token is one of its own, for the parser to stumble over.
func scan(document string) []token {
	var tokens []token
	for i := 0; i < len(document); {
		length := 1
		switch c := document[i]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ',':
			i++
			continue
		case c == '#':
			i += lengthUntil(document[i:], func(c byte) bool { return c == '\n' || c == '\r' })
			continue
		case strings.HasPrefix(document[i:], "\ufeff"):
			i += len("\ufeff")
			continue
		case c == '"':
			length = stringLength(document[i:])
		case c == '.' && strings.HasPrefix(document[i:], "..."):
			length = 3
		case nameByte(c):
			length = lengthUntil(document[i:], func(c byte) bool { return !nameByte(c) })
		}
		tokens = append(tokens, token{document[i : i+length], i})
		i += length
	}
	return tokens
}

func nameByte(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

func lengthUntil(text string, end func(byte) bool) int {
	for i := range len(text) {
		if end(text[i]) {
			return i
		}
	}
	return len(text)
}

// stringLength is the length of the string or block string with which the text begins.
func stringLength(text string) int {
	if strings.HasPrefix(text, `"""`) {
		for i := 3; i < len(text); i++ {
			if strings.HasPrefix(text[i:], `\"""`) {
				i += 3
			} else if strings.HasPrefix(text[i:], `"""`) {
				return i + 3
			}
		}
		return len(text)
	}
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(text)
}
