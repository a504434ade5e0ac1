package executor

// growth bounds a text while it is written: of a small tree or schema a client can make a huge text. Its author looks now and
// then whether it may go on.
type growth struct {
	limit int
	// holder is asked for the memory of the text.
	holder interface{ mayHold(bytes int64) bool }
	done   <-chan struct{}
	end    end
}

// end is why a text was given up.
type end uint8

const (
	goesOn end = iota
	tooLong
	noRoom
	cancelled
)

// pauseEvery is how many bytes are written between two looks at whether the client still waits.
const pauseEvery = 256 << 10

// first is at how many bytes the first look is due.
func (g *growth) first() int { return min(g.limit, pauseEvery) }

// look is due when so many bytes are written, in a buffer of a size. It tells whether there may be more, and at how many bytes the
// next look is due; once it says no it does so each time, and the next is due at once.
func (g *growth) look(written, size int) (next int, ok bool) {
	if g.end != goesOn {
		return -1, false
	}
	select {
	case <-g.done:
		g.end = cancelled
	default:
		switch {
		case written > g.limit:
			g.end = tooLong
		case !g.holder.mayHold(int64(size)):
			g.end = noRoom
		}
	}
	if g.end != goesOn {
		return -1, false
	}
	return min(g.limit, written+pauseEvery), true
}
