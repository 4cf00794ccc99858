"""Questions that several operators answer: what a node sees of them, the member's duty, how they are asked."""
