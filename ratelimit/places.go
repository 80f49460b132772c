package ratelimit

import "slices"

// places is a hash table: which keys have a place, and when each of them is full again.
// It differs from a Go map in what it costs, at most 32 bytes for an integer and its word even when it has
// just grown, and in that a key that is removed leaves nothing behind.
//
// A hash says where a key would like to be, its home. It is there or, if others were there before, as near
// behind as their order allows: keys stand in the order of their homes, without gaps between a home and its keys.
//
//	home of      a,b,c       d           e
//	               ▼         ▼           ▼
//	slots    ┌───┬───┬───┬───┬───┬───┬───┬───┐
//	         │   │ a │ b │ c │ d │   │ e │   │
//	distance └───┴─0─┴─1─┴─2─┴─0─┴───┴─0─┴───┘
//
// A search begins at home and ends at the key, or where it would be: before the first key that is nearer to
// its home than the one that is looked for would be there, or at a free slot. So it takes no longer to find that a key is missing. A key that
// is added moves those behind it up by one, to the next free slot; one that is removed has
// them move back, down to the first that is at home.
type places[K comparable] struct {
	slots []place[K]
	taken int
}

type place[K comparable] struct {
	hash uint32 // 0: nobody is here
	key  K
	full uint64 // in units since the shard's epoch, or closed
}

// short is the part of a hash that the table goes by. Another part has chosen the shard.
func short(hash uint64) uint32 { return uint32(hash) | 1 }

// home is where a key with that hash would like to be.
func (p *places[K]) home(hash uint32) int { return int(uint64(hash) * uint64(len(p.slots)) >> 32) }

// distance is how far the key at i is from home.
func (p *places[K]) distance(i int) int {
	d := i - p.home(p.slots[i].hash)
	if d < 0 {
		d += len(p.slots)
	}
	return d
}

func (p *places[K]) after(i int) int {
	if i++; i < len(p.slots) {
		return i
	}
	return 0
}

// search returns where key is, or else where it would be.
func (p *places[K]) search(hash uint32, key K) (i int, found bool) {
	i = p.home(hash)
	for distance := 0; ; distance++ {
		slot := &p.slots[i]
		if slot.hash == hash && slot.key == key {
			return i, true
		}
		if slot.hash == 0 || p.distance(i) < distance {
			return i, false
		}
		i = p.after(i)
	}
}

// find returns the place of key, or nil. It is right until the next insert or remove.
func (p *places[K]) find(hash uint64, key K) *place[K] {
	if len(p.slots) == 0 {
		return nil
	}
	if i, ok := p.search(short(hash), key); ok {
		return &p.slots[i]
	}
	return nil
}

// insert gives a place to a key that has none, and owes nothing.
func (p *places[K]) insert(hash uint64, key K) *place[K] {
	if 10*(p.taken+1) > 9*len(p.slots) {
		p.grow()
	}
	p.taken++
	return p.put(place[K]{hash: short(hash), key: key})
}

// put moves up those that stand behind where p will.
func (p *places[K]) put(next place[K]) *place[K] {
	home, _ := p.search(next.hash, next.key)
	for i := home; next.hash != 0; i = p.after(i) {
		next, p.slots[i] = p.slots[i], next
	}
	return &p.slots[home]
}

// remove takes the place from the key at i.
func (p *places[K]) remove(i int) {
	next := p.after(i)
	for p.slots[next].hash != 0 && p.distance(next) > 0 {
		p.slots[i] = p.slots[next]
		i, next = next, p.after(next)
	}
	p.slots[i] = place[K]{}
	p.taken--
}

// grow makes the table larger by an eighth, and by what its memory has room for anyway.
func (p *places[K]) grow() {
	old := p.slots
	p.slots = slices.Grow([]place[K](nil), max(8, len(old)+len(old)/8+1))
	p.slots = p.slots[:cap(p.slots)]
	for _, place := range old {
		if place.hash != 0 {
			p.put(place)
		}
	}
}
