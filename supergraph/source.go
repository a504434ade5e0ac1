package supergraph

import (
	"bytes"
	"errors"
	"fmt"
	"sort"
	"strings"
	"unicode/utf8"
)

const (
	// maxSize is the largest text that is read. Offsets of the parser have 32 bits.
	maxSize = 256 << 20
	// maxInterfaceDefinitions bounds interfaces, since the parser compares each with each type.
	maxInterfaceDefinitions = 10000
	// maxNesting bounds brackets within brackets, since the parser recurses on them: Go cannot recover from a stack
	// that is used up.
	maxNesting = 100
)

// source is a text that has been scanned: what the parser then reads holds no surprises (NUL bytes end a document
// for it, unterminated strings close themselves).
type source struct {
	text string
	// first is where the caller's text starts, after what was put in front of it.
	first uint32
	// blocks are the contents of the block strings, between the quotes, in order: the parser trims them wrongly.
	blocks []span
}

type span struct{ start, end uint32 }

var errBlock = errors.New(`block string with a backslash before its closing quotes: parsers disagree about its end; use a "string"`)

// scan checks text and finds its block strings. On an error it returns the offset, too.
func scan(text string) (blocks []span, at int, err error) {
	s := scanner{text: text}
	for i := 0; i < len(text); {
		next, err := s.step(i)
		if err != nil {
			return nil, i, err
		}
		i = next
	}
	if len(s.open) > 0 {
		last := s.open[len(s.open)-1]
		return nil, last, fmt.Errorf("%q is never closed", text[last])
	}
	return s.blocks, 0, nil
}

// scanner is the state of one scan.
type scanner struct {
	text       string
	blocks     []span
	open       []int // offsets of the brackets that are open
	interfaces int
}

// step checks the string, comment or character at i and returns where the next one begins.
func (s *scanner) step(i int) (int, error) {
	switch c := s.text[i]; {
	case c == '#':
		return i + lineLength(s.text[i:]), nil
	case c == '"':
		return s.skipString(i)
	case c == '{' || c == '[' || c == '(':
		if len(s.open) == maxNesting {
			return 0, fmt.Errorf("brackets are nested more than %d levels deep", maxNesting)
		}
		s.open = append(s.open, i)
	case c == '}' || c == ']' || c == ')':
		if len(s.open) == 0 {
			return 0, fmt.Errorf("%q closes nothing", c)
		}
		s.open = s.open[:len(s.open)-1]
	case c == 'i' && len(s.open) == 0 && strings.HasPrefix(s.text[i:], "interface"):
		if s.interfaces++; s.interfaces > maxInterfaceDefinitions {
			return 0, fmt.Errorf("more than %d interfaces", maxInterfaceDefinitions)
		}
	case c < ' ' && c != '\t' && c != '\n' && c != '\r' || c == 0x7F:
		return 0, fmt.Errorf("control character %U", c)
	}
	return i + 1, nil
}

// skipString returns where the string at i ends, and notes it if it is a block string.
func (s *scanner) skipString(i int) (int, error) {
	if !strings.HasPrefix(s.text[i:], `"""`) {
		if end := stringEnd(s.text, i+1); end > i {
			return end + 1, nil
		}
		return 0, errors.New("string without an end")
	}
	end, err := blockEnd(s.text, i+3)
	if err != nil {
		return 0, err
	}
	s.blocks = append(s.blocks, span{uint32(i) + 3, uint32(end)})
	return end + 3, nil
}

// lineLength returns the length of the first line of text.
func lineLength(text string) int {
	if n := strings.IndexAny(text, "\n\r"); n >= 0 {
		return n
	}
	return len(text)
}

// stringEnd returns where the quote is that closes the string starting at i, -1 if none does on its line.
func stringEnd(text string, i int) int {
	for ; i < len(text); i++ {
		switch text[i] {
		case '"':
			return i
		case '\\':
			i++
			if i < len(text) && (text[i] == '\n' || text[i] == '\r') {
				return -1
			}
		case '\n', '\r':
			return -1
		}
	}
	return -1
}

// blockEnd returns where the quotes are that close the block string starting at i. The parser counts any backslash
// as an escape, the specification (section 2.9.4) only \""": it is an error when that makes a difference.
func blockEnd(text string, i int) (int, error) {
	end := i
	for {
		n := strings.Index(text[end:], `"""`)
		if n < 0 {
			return 0, errors.New("block string without an end")
		}
		end += n
		if text[end-1] != '\\' || end == i {
			break
		}
		end += 3
	}
	if strings.Contains(text[i:end], "\\") && parserBlockEnd(text, i) != end {
		return 0, errBlock
	}
	return end, nil
}

// parserBlockEnd is blockEnd as the parser sees it.
func parserBlockEnd(text string, i int) int {
	escaped, quotes := false, 0
	for ; i < len(text); i++ {
		switch text[i] {
		case '"':
			if escaped {
				escaped = false
				continue
			}
			if quotes++; quotes == 3 {
				return i - 2
			}
		case '\\':
			escaped, quotes = !escaped, 0
		default:
			escaped, quotes = false, 0
		}
	}
	return -1
}

// block returns the raw content of the block string that the offset is in.
func (s *source) block(at uint32) string {
	i := sort.Search(len(s.blocks), func(i int) bool { return s.blocks[i].end >= at })
	if i == len(s.blocks) || s.blocks[i].start > at {
		return ""
	}
	return s.text[s.blocks[i].start:s.blocks[i].end]
}

// position returns line and column, from 1, of an offset in the caller's text.
func (s *source) position(at uint32) (line, column int) {
	at = min(max(at, s.first), uint32(len(s.text)))
	before := s.text[s.first:at]
	line = strings.Count(before, "\n") + 1
	return line, utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1
}

// offset returns the offset in text of a line and a byte column, from 1.
func (s *source) offset(line, column int) uint32 {
	at := 0
	for ; line > 1; line-- {
		n := strings.IndexByte(s.text[at:], '\n')
		if n < 0 {
			break
		}
		at += n + 1
	}
	return uint32(min(at+max(column-1, 0), len(s.text)))
}

// clean removes a byte order mark and checks size and encoding.
func clean(sdl []byte) ([]byte, error) {
	sdl = bytes.TrimPrefix(sdl, []byte("\uFEFF"))
	if len(sdl) > maxSize {
		return nil, LoadErrors{{Message: fmt.Sprintf("the supergraph has more than %d bytes", maxSize)}}
	}
	if !utf8.Valid(sdl) || bytes.IndexByte(sdl, 0) >= 0 { // the parser takes NUL for the end of the text
		return nil, LoadErrors{{Message: "the supergraph is not UTF-8 text"}}
	}
	return sdl, nil
}
