package fedgen

// random is a SplitMix64 generator: the same seed gives the same numbers on every machine and with every version of Go.
type random struct{ state uint64 }

func (r *random) next() uint64 {
	r.state += 0x9E3779B97F4A7C15
	z := r.state
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}

// n returns a number from 0 to k-1.
func (r *random) n(k int) int { return int(r.next() % uint64(k)) }

// between returns a number from low to high.
func (r *random) between(low, high int) int { return low + r.n(high-low+1) }

func (r *random) chance(percent int) bool { return r.n(100) < percent }

// apart runs something with random numbers of its own: what comes after it does not depend on how many it takes. The number
// tells those apart that do so.
func (r *random) apart(number uint64, do func()) {
	before := r.state
	r.state = before*0x9E3779B97F4A7C15 + number
	do()
	r.state = before
}

// pick returns one of a list that is not empty.
func pick[T any](r *random, list []T) T { return list[r.n(len(list))] }

// some returns n different elements, in the order of the list.
func some[T any](r *random, list []T, n int) []T {
	var out []T
	for i, e := range list {
		if left := len(list) - i; n > 0 && r.n(left) < n {
			out = append(out, e)
			n--
		}
	}
	return out
}
