package golden

import (
	"fmt"
	"strings"
)

const (
	contextLines = 3         // equal lines shown around a difference
	maxTable     = 4_000_000 // cells of the table of common subsequences; beyond, everything counts as changed
)

// edit is one line of a diff. Its kind is ' ' for a line of both texts, '-' of the first, '+' of the second.
type edit struct {
	kind byte
	line string
}

// diff returns the lines in which a and b differ, marked '-' and '+', each with a few equal lines around it.
func diff(a, b string) string {
	edits := compare(lines(a), lines(b))
	shown := make([]bool, len(edits))
	for i, e := range edits {
		if e.kind == ' ' {
			continue
		}
		for j := max(0, i-contextLines); j < min(len(edits), i+contextLines+1); j++ {
			shown[j] = true
		}
	}
	var out strings.Builder
	line := 1 // of a
	for i, e := range edits {
		if shown[i] {
			if i == 0 || !shown[i-1] {
				fmt.Fprintf(&out, "@@ line %d\n", line)
			}
			out.WriteByte(e.kind)
			out.WriteString(visible(e.line))
		}
		if e.kind != '+' {
			line++
		}
	}
	return out.String()
}

// lines splits text after each newline. Only the last line may lack one.
func lines(text string) []string {
	all := strings.SplitAfter(text, "\n")
	if all[len(all)-1] == "" {
		return all[:len(all)-1]
	}
	return all
}

// visible returns a line with a newline at its end, and with a remark if it had none.
func visible(line string) string {
	if strings.HasSuffix(line, "\n") {
		return line
	}
	return line + "⏎ no newline here\n"
}

// compare returns the shortest way from a to b: a longest common subsequence stays, the rest goes or comes.
func compare(a, b []string) []edit {
	var edits []edit
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		edits = append(edits, edit{' ', a[0]})
		a, b = a[1:], b[1:]
	}
	tail := 0
	for tail < len(a) && tail < len(b) && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	same := a[len(a)-tail:]
	a, b = a[:len(a)-tail], b[:len(b)-tail]

	common := commonTable(a, b)
	for len(a) > 0 || len(b) > 0 {
		switch i, j := len(a), len(b); {
		case i > 0 && j > 0 && common != nil && a[0] == b[0]:
			edits = append(edits, edit{' ', a[0]})
			a, b = a[1:], b[1:]
		case i > 0 && (j == 0 || common == nil || common[i-1][j] >= common[i][j-1]):
			edits = append(edits, edit{'-', a[0]})
			a = a[1:]
		default:
			edits = append(edits, edit{'+', b[0]})
			b = b[1:]
		}
	}
	for _, line := range same {
		edits = append(edits, edit{' ', line})
	}
	return edits
}

// commonTable returns, at [i][j], the length of the longest common subsequence of the last i lines of a and the
// last j lines of b. It returns nil if the table would be too large.
func commonTable(a, b []string) [][]int {
	if (len(a)+1)*(len(b)+1) > maxTable {
		return nil
	}
	table := make([][]int, len(a)+1)
	for i := range table {
		table[i] = make([]int, len(b)+1)
		for j := 1; i > 0 && j <= len(b); j++ {
			if a[len(a)-i] == b[len(b)-j] {
				table[i][j] = table[i-1][j-1] + 1
				continue
			}
			table[i][j] = max(table[i-1][j], table[i][j-1])
		}
	}
	return table
}
