package ratelimit

import "slices"

// places is a hash table: which keys have a place, and when each of them is full again. Unless a key is kept
// it is known by its hash alone. So a slot is 16 bytes, four are a line of the processor's cache, and a call for one
// of a million keys waits for memory about once. Unlike a Go map it is never larger than 22 bytes a key, also when
// it has just grown, and a key that is removed leaves nothing behind.
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
// its home than the one that is looked for would be there, or at a free slot. So it takes no longer to find
// that a key is missing. A key that is added moves those behind it up by one, to the next free slot; one that
// is removed has them move back, down to the first that is at home.
type places[K comparable] struct {
	slots []place
	keys  []K // by slot
	kept  bool
	taken int
}

type place struct {
	hash uint64 // 0: nobody is here
	full uint64 // in units since the shard's epoch, or closed
}

// home is where a key with that hash would like to be. The upper half of the hash has chosen the shard.
func (p *places[K]) home(hash uint64) int {
	return int(uint64(uint32(hash)) * uint64(len(p.slots)) >> 32)
}

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

// search returns where a key is, or else where it would be.
func (p *places[K]) search(id identity[K]) (i int, found bool) {
	i = p.home(id.hash)
	for distance := 0; ; distance++ {
		there := p.slots[i].hash
		if there == id.hash && (!p.kept || p.keys[i] == id.key) {
			return i, true
		}
		if there == 0 || p.distance(i) < distance {
			return i, false
		}
		i = p.after(i)
	}
}

// find returns the place of a key, or nil. It is right until the next insert or remove.
func (p *places[K]) find(id identity[K]) *place {
	if len(p.slots) == 0 {
		return nil
	}
	if i, ok := p.search(id); ok {
		return &p.slots[i]
	}
	return nil
}

// insert gives a place to a key that has none, and owes nothing.
func (p *places[K]) insert(id identity[K]) *place {
	if 10*(p.taken+1) > 9*len(p.slots) {
		p.grow()
	}
	p.taken++
	return p.put(place{hash: id.hash}, id.key)
}

// put moves up those that stand behind where next will.
func (p *places[K]) put(next place, key K) *place {
	first, _ := p.search(identity[K]{next.hash, key})
	for i := first; next.hash != 0; i = p.after(i) {
		next, p.slots[i] = p.slots[i], next
		if p.kept {
			key, p.keys[i] = p.keys[i], key
		}
	}
	return &p.slots[first]
}

// remove takes the place from the key at i.
func (p *places[K]) remove(i int) {
	next := p.after(i)
	for p.slots[next].hash != 0 && p.distance(next) > 0 {
		p.slots[i] = p.slots[next]
		if p.kept {
			p.keys[i] = p.keys[next]
		}
		i, next = next, p.after(next)
	}
	p.slots[i] = place{}
	if p.kept {
		clear(p.keys[i : i+1])
	}
	p.taken--
}

// grow makes the table larger by an eighth, and by what its memory has room for anyway.
func (p *places[K]) grow() {
	slots, keys := p.slots, p.keys
	p.slots = slices.Grow([]place(nil), max(8, len(slots)+len(slots)/8+1))
	p.slots = p.slots[:cap(p.slots)]
	if p.kept {
		p.keys = make([]K, len(p.slots))
	}
	var key K
	for i, place := range slots {
		if p.kept {
			key = keys[i]
		}
		if place.hash != 0 {
			p.put(place, key)
		}
	}
}
