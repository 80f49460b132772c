package ratelimit

import (
	"hash/maphash"
	"slices"
)

// places is a hash table: which keys have a place, and when each of them is full again. It
// differs from a Go map in what it costs, 18 bytes for an integer key and its word and no
// more than 16/7 of that after growing, and in that removing a key leaves nothing behind.
//
// A hash says where a key would like to be, its home. It is there, or as near behind as the
// table's order allows: all keys stand in the order of their homes. What a search needs to know of
// a slot is in its mark: how far its key is from home, plus one, and eight more bits of its hash.
// 0 marks a slot without a key.
//
//	homes              a b c   d           e
//	                     ▼     ▼           ▼
//	slots    ┌─────┬─────┬─────┬─────┬─────┬─────┐
//	         │     │  a  │  b  │  d  │     │  e  │     d is at home, b one from home; c
//	distance │  0  │  1  │  2  │  1  │  0  │  1  │     goes between b and d, which moves up
//	         └─────┴─────┴─────┴─────┴─────┴─────┘
//
// So a search ends at its key, or at the first slot whose key is nearer to its home than the
// one that is looked for would be: that one is not in the table. Seven slots of eight may be
// taken, and still a search looks at four on average, whether there is something to be found or not.
// What is removed is closed up by the keys behind it, down to the first that is at home.
type places[K comparable] struct {
	seed  maphash.Seed
	marks []uint16
	slots []place[K]
	taken int
}

type place[K comparable] struct {
	key  K
	full uint64 // in units since the shard's epoch, or closed
}

// A mark has the distance in its low byte. No key is ever further away than that can say: the
// table grows first, though with an honest hash it never comes to that.
const farthest = 254

func distance(mark uint16) uint16 { return mark & 0xff }

// home is where a key with that hash would like to be, and the mark it would have there.
// The hash's highest bits have chosen the table and are the same for all of it.
func (p *places[K]) home(hash uint64) (i int, mark uint16) {
	return int(uint64(uint32(hash)) * uint64(len(p.marks)) >> 32), uint16(hash>>32)<<8 | 1
}

// search returns where key is, or else where it would have to be put, with which mark.
func (p *places[K]) search(hash uint64, key K) (i int, mark uint16, found bool) {
	if len(p.marks) == 0 {
		return 0, 1, false
	}
	for i, mark = p.home(hash); ; mark++ {
		switch m := p.marks[i]; {
		case m == mark && p.slots[i].key == key:
			return i, mark, true
		case distance(m) < distance(mark):
			return i, mark, false
		}
		i = p.after(i)
	}
}

func (p *places[K]) after(i int) int {
	if i++; i < len(p.marks) {
		return i
	}
	return 0
}

func (p *places[K]) before(i int) int {
	if i > 0 {
		return i - 1
	}
	return len(p.marks) - 1
}

// find returns the place of key, or nil. It is right until the next insert or remove.
func (p *places[K]) find(hash uint64, key K) *place[K] {
	if i, _, ok := p.search(hash, key); ok {
		return &p.slots[i]
	}
	return nil
}

// insert gives a place to a key that has none.
func (p *places[K]) insert(hash uint64, key K, full uint64) *place[K] {
	if 8*(p.taken+1) > 7*len(p.marks) {
		p.grow()
	}
	i, mark, _ := p.search(hash, key)
	for !p.makeRoom(i, mark) {
		p.grow()
		i, mark, _ = p.search(hash, key)
	}
	p.marks[i], p.slots[i] = mark, place[K]{key, full}
	p.taken++
	return &p.slots[i]
}

// makeRoom moves the keys from i to the next free slot up by one, unless one of them, or the one
// that is to come with mark, would be too far from home.
func (p *places[K]) makeRoom(i int, mark uint16) bool {
	if distance(mark) > farthest {
		return false
	}
	end := i
	for ; p.marks[end] != 0; end = p.after(end) {
		if distance(p.marks[end]) == farthest {
			return false
		}
	}
	for end != i {
		from := p.before(end)
		p.marks[end], p.slots[end] = p.marks[from]+1, p.slots[from]
		end = from
	}
	return true
}

// remove takes the place from the key at i.
func (p *places[K]) remove(i int) {
	next := p.after(i)
	for distance(p.marks[next]) > 1 {
		p.marks[i], p.slots[i] = p.marks[next]-1, p.slots[next]
		i, next = next, p.after(next)
	}
	p.marks[i], p.slots[i] = 0, place[K]{}
	p.taken--
}

// grow makes the table half as large again, and as much larger as its memory is anyway.
func (p *places[K]) grow() {
	old := *p
	p.slots = slices.Grow([]place[K](nil), max(8, len(old.slots)+len(old.slots)/2))
	p.slots = p.slots[:cap(p.slots)]
	p.marks = make([]uint16, len(p.slots))
	p.taken = 0
	for i, mark := range old.marks {
		if mark != 0 {
			key := old.slots[i].key
			p.insert(maphash.Comparable(p.seed, key), key, old.slots[i].full)
		}
	}
}
