"""Causes and hints of GPU kernels."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    # before the first launch
    "not-allowed": (
        "The file holds something that has no place in this exercise: {detail}.",
        "Leave it out. A kernel needs the indices of its thread, arithmetic, its arrays, shared memory and barriers.",
    ),
    "does-not-compile": (
        "{thing} does not compile: {detail}.",
        "Start with the first error; those behind it often come from it.",
    ),
    "kernel-missing": (
        "The file has no such kernel: {detail}.",
        "Names and parameters are given by the stub. CUDA C++ declares a kernel by __global__ void, Numba by "
        "@cuda.jit.",
    ),
    "wrong-parameters": (
        "The kernel takes other arguments than it is launched with: {detail}.",
        "Names may differ; number, order and types of the parameters are the stub's.",
    ),
    # what the emulator finds
    "kernel-fails": (
        "A thread stops with an error: {detail}.",
        "Take the block and the thread that are named, and follow the kernel with their numbers.",
    ),
    "loop-never-ends": (
        "The kernel had not come back when it was stopped ({detail}). The arrays are small: does a loop never end, or "
        "does a thread wait for another one that never comes?",
        "Which variable does each loop change, and by how much? Does it reach its end from every start?",
    ),
    "misaligned-access": (
        "An access does not begin at a multiple of its size: {detail}.",
        "At which bytes may a number of 4 bytes begin, and at which a float4?",
    ),
    "barrier-not-reached-by-all": (
        "A barrier is not reached by all threads of the block: {detail}.",
        "Which threads take the branch that the barrier stands in, or return before it? A barrier belongs where every "
        "thread of the block comes by, whether it has work or not.",
    ),
    "bounds-check-missing": (
        "A thread beyond the last element works as if it had one: {detail}. The grid has more threads than there are "
        "elements.",
        "How many threads does this launch have, how many elements are there, and what does the last thread do?",
    ),
    "index-out-of-bounds": (
        "A thread leaves an array: {detail}.",
        "Compute the index by hand for the block and the thread that are named. Which term takes it out?",
    ),
    "index-is-a-fraction": (
        "An index is no whole number: {detail}.",
        "What does 7 / 2 give in Python, what does 8 / 2 give, and which division gives whole numbers?",
    ),
    "shared-memory-not-filled": (
        "A thread reads shared memory that nobody has filled: {detail}.",
        "Who fills this place? Also when that thread has no element of its own: what should stand there then?",
    ),
    "atomic-missing": (
        "Several threads read the same number, add to it and write it back, so that additions get lost: {detail}.",
        "Two threads read 5 at the same time, and each adds 1: what is written, and what should be? Which operation "
        "reads and writes in one go?",
    ),
    "barrier-missing": (
        "Two threads of a block use the same place in memory, one of them writes, and no barrier lies between: "
        "{detail}. The result depends on who comes first, even where it happens to be right.",
        "Which threads have to be done before these lines may run? And which must have read before it is written anew?",
    ),
    "blocks-write-one-place": (
        "Threads of two blocks write the same place: {detail}.",
        "Which index tells the blocks apart, and where does it enter into the place that is written?",
    ),
    "blocks-not-ordered": (
        "A block uses what another block writes in the same launch: {detail}. Blocks run in any order, and no barrier "
        "reaches beyond one.",
        "Which block should own this place? Can each block work on numbers that only it reads and writes?",
    ),
    "several-threads-write-one-place": (
        "Several threads of a block write the same place, and which of them comes last is not known: {detail}.",
        "Whose value should stand there at the end? One thread is enough, and threadIdx tells which one it is.",
    ),
    # what a kernel costs
    "uncoalesced-access": (
        "Neighbouring threads read or write places that lie far apart: {detail}.",
        "Which index runs along memory? Which thread should have which value of it, so that the 32 threads of a warp "
        "meet 32 neighbours?",
    ),
    "bank-conflicts": (
        "Threads of a warp want different words of the same bank of shared memory, one after the other: {detail}.",
        "Word w lies in bank w % 32. Write down the banks of threads 0, 1, 2 in this line. What changes when a row of "
        "the array is one longer?",
    ),
    "one-thread-does-the-work": (
        "Few threads do all the work: {detail}.",
        "How many of the threads that are launched write anything? Each should have its own element.",
    ),
    "too-many-global-reads": (
        "The same numbers are read from global memory again and again: {detail}.",
        "Which numbers do several threads of a block need? Let each be loaded once, by one thread, for all of them.",
    ),
    # which element is whose
    "nothing-written": (
        "The kernel leaves {thing} as it was: nothing is written.",
        "Which line writes {thing}, and for which threads does it run?",
    ),
    "block-ignored": (
        "Only the elements of the first block are written: no part of the index tells the blocks apart, or the others "
        "do nothing.",
        "Thread 3 of block 0 and thread 3 of block 1: which elements should they have?",
    ),
    "thread-ignored": (
        "All threads of a block work on the same element ({detail}).",
        "Thread 0 and thread 1 of block 2: which elements should they have?",
    ),
    "block-and-thread-swapped": (
        "Block and thread have changed places in the index ({detail}).",
        "How many elements lie between the first thread of block 0 and the first thread of block 1?",
    ),
    "grid-size-for-block-size": (
        "The number of blocks stands where the number of threads of a block should ({detail}).",
        "gridDim counts blocks, blockDim the threads of one. How far apart do two blocks begin?",
    ),
    "block-size-assumed": (
        "The size of a block is taken for a fixed number ({detail}): it is right for blocks of this size alone.",
        "Which built-in variable tells how many threads a block has?",
    ),
    "block-size-missing": (
        "Blocks overlap: the index does not step by a whole block from one block to the next ({detail}).",
        "How many elements lie between the first thread of block 0 and the first thread of block 1?",
    ),
    "block-size-one-off": (
        "The step from one block to the next is one too long or too short ({detail}).",
        "A block of 4 threads has the elements 0 to 3. With which one does the next block begin?",
    ),
    "every-second-element": (
        "Every second element is worked on ({detail}).",
        "Which elements do threads 0 and 1 have?",
    ),
    "local-index-for-reading": (
        "The place to write is right; what is read is an element of the first block, whichever block it is.",
        "Which of the two indices knows the block? Which one does each array need?",
    ),
    "local-index-for-writing": (
        "The place to read is right; what is written goes into the first block, whichever block it is.",
        "Which of the two indices knows the block? Which one does each array need?",
    ),
    "order-reversed": (
        "Results are written in the opposite order.",
        "Where does thread 0 write?",
    ),
    "some-threads-idle": (
        "Some threads write nothing: {detail}.",
        "For which threads does the line that writes run? Each of them has an element.",
    ),
    "result-read-before-written": (
        "{thing} is read before anything was written there: {detail}.",
        "What is in memory that nobody has written to? Does the formula need the old number?",
    ),
    "index-one-off": (
        "The index is one off: each thread has its neighbour's element ({detail}).",
        "Which element does thread 0 of block 0 have? From which number on are threads counted?",
    ),
    "first-element-skipped": (
        "Element 0 is never written.",
        "Which thread has index 0, and what does the condition say about it?",
    ),
    "last-element-skipped": (
        "The last element is never written.",
        "Write down the condition for the thread with the last element: i is n - 1.",
    ),
    "last-block-ignored": (
        "The elements of the last block, which is not full, stay unwritten ({detail}).",
        "n = 37 and blocks of 32: how many elements does block 1 have, and what does it do with them?",
    ),
    "grid-stride-missing": (
        "Elements beyond the number of threads stay unwritten: each thread has one element, however many there are.",
        "The grid may be smaller than the array. What does a thread do after its first element, and how far does it "
        "go?",
    ),
    "wrong-grid-stride": (
        "The steps from one element of a thread to its next are wrong ({detail}).",
        "How many elements do all threads of the grid do together in one round?",
    ),
    "height-and-width-swapped": (
        "Rows and columns are swapped ({detail}).",
        "x runs along a row. Where does pixel (row 1, column 0) lie in memory, in an image of width W?",
    ),
    "local-start": (
        "Threads begin with their number in their block, so that all blocks begin with the same elements.",
        "Which number tells a thread of block 1 from the same thread of block 0?",
    ),
    "first-round-skipped": (
        "Each thread leaves out its first element and begins with the second.",
        "In which order do the work and the step stand in the loop?",
    ),
    "rounds-counted": (
        "Each thread does a fixed number of elements ({detail}), however many there are.",
        "How many rounds does one block of 4 threads need for 10 elements, and for 100?",
    ),
    # rows and columns
    "column-check-missing": (
        "Threads right of the image are not stopped: {detail}. Such a thread has the number of a pixel in the next "
        "row.",
        "An image is 3 wide, and a thread has column 3 of row 0. Which number does that give, and whose pixel is it?",
    ),
    "row-check-missing": (
        "Threads below the image are not stopped: {detail}.",
        "An image is 3 high, and a thread has row 3. Where does it write?",
    ),
    "block-ignored-along-one-axis": (
        "The block is left out of the index {detail}: all blocks work on the same rows or columns.",
        "Threads (0, 0) of blocks (0, 0), (1, 0) and (0, 1): which pixels should they have?",
    ),
    "thread-ignored-along-one-axis": (
        "The thread is left out of the index {detail}.",
        "Threads (0, 0), (1, 0) and (0, 1) of one block: which pixels should they have?",
    ),
    "block-sizes-swapped": (
        "The block's sizes along x and y are mixed up ({detail}).",
        "A block is 8 wide and 4 high. With which row does the second block along y begin?",
    ),
    "rows-overlap": (
        "Different pixels get the same number ({detail}).",
        "Which numbers have pixels (row 0, column 1) and (row 1, column 0)?",
    ),
    "row-length-one-off": (
        "Rows are taken for one pixel shorter or longer than they are ({detail}).",
        "An image has rows of 3 pixels. Which number does the first pixel of the second row have?",
    ),
    "row-length-of-the-grid": (
        "A row is taken for as long as the threads reach ({detail}), and not for as long as the image is wide.",
        "The image is 13 wide, and there are 16 threads along x. Where does the second row of the image begin?",
    ),
    "last-row-or-column-skipped": (
        "The last {detail} is never written.",
        "Write down the condition for a thread with the last {detail}.",
    ),
    "first-row-or-column-skipped": (
        "The first row and the first column are never written.",
        "Write down the condition for the thread with row 0 and column 0.",
    ),
    "rows-in-the-opposite-order": (
        "The image comes out upside down.",
        "Which row does thread 0 write?",
    ),
    "channels-swapped": (
        "Channels are swapped: {detail}.",
        "In which order do the three numbers of a pixel lie, and which weight belongs to which?",
    ),
    "one-channel-three-times": (
        "One channel stands for all three ({detail}).",
        "Which index runs over the channels?",
    ),
    "planes-assumed": (
        "The channels are looked for in three images, one behind the other; here they lie side by side, pixel by "
        "pixel.",
        "rgb has the shape (height, width, 3). Which axis runs fastest in memory?",
    ),
    "pixel-not-times-three": (
        "The number of a pixel is taken for the place of its first channel ({detail}).",
        "How many numbers lie before pixel 1, and before pixel 2?",
    ),
    "four-channels-assumed": (
        "Each pixel is taken for four numbers.",
        "How many numbers lie before pixel 1, and before pixel 2?",
    ),
    "channel-one-off": (
        "Channels are counted {detail}, so that the last one belongs to the next pixel.",
        "Which index has red?",
    ),
    # tiles
    "matrix-read-transposed": (
        "A factor is read with rows and columns exchanged: {detail}.",
        "Which index of each factor runs in the sum, and which one stays? Write both beside the line.",
    ),
    "factors-swapped": (
        "b @ a comes out in place of a @ b.",
        "Whose rows meet whose columns?",
    ),
    "elements-multiplied": (
        "Elements are multiplied one by one; no sum runs over them.",
        "How many products has one element of c?",
    ),
    "only-the-first-tile": (
        "Only the first tile of the sum is added.",
        "How many steps does the loop over tiles take for k = 20?",
    ),
    "only-the-last-tile": (
        "Only the last tile of the sum remains: the sum begins anew with each tile.",
        "Where is the sum set to 0, and how often does this line run?",
    ),
    "last-tile-missing": (
        "The last tile of the sum is left out ({detail}).",
        "k = 20 and tiles of 8: how many steps are needed, and how many does the loop take?",
    ),
    "first-tile-missing": (
        "The first tile of the sum is left out.",
        "With which tile does the loop begin?",
    ),
    "first-tile-again-and-again": (
        "The first tile {detail} is loaded in each step.",
        "Where does the step come into the two lines that load?",
    ),
    "tile-not-summed-to-its-end": (
        "In each tile {detail} is left out.",
        "Which values does the innermost loop take?",
    ),
    "products-counted-again": (
        "Products are added several times: tiles overlap, since the next one begins before the last one ends.",
        "With which element of the sum should the second tile begin?",
    ),
    "result-tile-transposed": (
        "Each block's part of c is transposed in its place.",
        "Which row of the one tile and which column of the other does thread (x 1, y 0) need?",
    ),
    "index-does-not-run": (
        "One index does not run along with the sum {detail}: the same number is used for all products of a tile.",
        "Which index do the two factors of a product have in common?",
    ),
    "edge-repeated": (
        "Beyond the edge of a matrix something other than 0 comes into the sum.",
        "What may stand there, so that it adds nothing?",
    ),
    "first-block-for-all": (
        "All blocks use the same {detail}.",
        "Where does the block come into the lines that load?",
    ),
    "written-transposed": (
        "The result is written with rows and columns exchanged ({detail}).",
        "Where in memory does element (row 1, column 0) lie, in a matrix with n columns?",
    ),
    "wrong-row-length": (
        "The rows of a matrix are taken for another length ({detail}).",
        "How many numbers has a row of each matrix? That many lie between an element and the one below it.",
    ),
    "not-transposed": (
        "The numbers are not turned ({detail}).",
        "Which element of x should stand in row 0, column 1 of y?",
    ),
    "tile-not-transposed": (
        "Tiles come to the right places, but are not turned themselves.",
        "Which place of the tile does a thread fill, and which one does it read? Both should not be the same.",
    ),
    "blocks-not-transposed": (
        "Tiles are turned, but stay in their places.",
        "The tile with its corner in row 32, column 64 of x: in which row and column of y is its corner?",
    ),
    "blocks-swapped": (
        "blockIdx.x is taken for rows and blockIdx.y for columns, so that tiles beyond the grid are missing.",
        "The grid has as many blocks along x as x has tiles in a row. What does blockIdx.x count?",
    ),
    "tile-part-missing": (
        "Only a part of each tile is worked on ({detail}).",
        "A block has 32 x 8 threads, a tile 32 x 32 places. Which rows does thread y 3 have?",
    ),
    "flipped-as-well": (
        "The result is also mirrored ({detail}).",
        "Which index runs backwards?",
    ),
    # windows
    "kernel-flipped": (
        "The kernel is turned ({detail}).",
        "Which number of the kernel meets the pixel above and left of the middle?",
    ),
    "kernel-transposed": (
        "The kernel is read with rows and columns exchanged.",
        "Which index of the kernel belongs to rows of the image?",
    ),
    "halo-is-zero": (
        "Pixels of neighbouring blocks count as 0 ({detail}): it is right within a block and wrong at its sides.",
        "The thread in the first column of a block needs a pixel on its left. Whose is it, and who loads it?",
    ),
    "corners-of-the-halo-are-zero": (
        "The four corners of the halo are 0: it is wrong only in the corners of each block.",
        "Which pixels does the thread in the corner of a block need?",
    ),
    "window-moved": (
        "The window does not lie around the pixel; it is moved {detail}.",
        "Which pixel of the image is at place (0, 0) of the tile, and which place has the thread's own pixel?",
    ),
    "window-does-not-run": (
        "The same pixel meets all numbers of the kernel.",
        "Which indices of the tile change with i and j?",
    ),
    "border-left-out": (
        "The border of the image is left out: {detail}.",
        "How many pixels has the result, and what is around the image?",
    ),
    "outside-not-zero": (
        "Outside of the image stands {detail} and not 0.",
        "What is around the image, by the definition?",
    ),
    "image-cut-off": (
        "{detail} of the image counts as if it lay outside.",
        "Which rows and columns exist? Write down the condition for the first and for the last one.",
    ),
    "taps-left-out": (
        "Not all nine products are added: {detail} of the kernel is missing.",
        "Which values do the two innermost loops take, and what happens to the sum in each round?",
    ),
    # sums
    "columns-for-rows": (
        "The columns of each tile are summed in place of its rows.",
        "Which index is the thread's own, and which one runs?",
    ),
    "numbers-counted-again": (
        "Numbers are added several times: tiles overlap, since the next one begins before the last one ends.",
        "With which column should the second tile begin?",
    ),
    "block-ignored-in-sum": (
        "Each block sums the numbers of the first one: its own number does not come in.",
        "Thread 3 of block 0 and thread 3 of block 1: which numbers should they take?",
    ),
    "last-step-missing": (
        "The last step is left out: two numbers remain that are not added.",
        "For which values of the step's width does the loop run? Write them down for 8 threads.",
    ),
    "first-step-missing": (
        "The first step is left out: half of the numbers are never added.",
        "With how many numbers does the loop begin, and how many does it add in its first round?",
    ),
    "no-step-at-all": (
        "Nothing is added: the first number of each block comes out.",
        "How often does the loop run?",
    ),
    "steps-left-out": (
        "Some steps are left out ({detail}), so that numbers are lost.",
        "Which widths should 8, 4, 2, 1 be, and which does the loop take? Follow it for 8 threads.",
    ),
    "steps-overlap": (
        "The width of a step is not halved ({detail}), so that numbers are added several times.",
        "Which widths should 8, 4, 2, 1 be, and which does the loop take? Follow it for 8 threads.",
    ),
    "sum-is-not-halved": (
        "The sum is right, but it is made one number after the other, where many could be added at the same time: "
        "{detail}.",
        "How many of the threads work in each step, and how many steps are there for 64 numbers?",
    ),
    "only-block-0-writes": (
        "Only the first block writes its sum; those of the others are never written.",
        "Which thread has index 0 in the whole grid, and which in its block?",
    ),
    "wrong-neutral-element": (
        "Threads beyond the last number bring something of their own into the sum ({detail}).",
        "Which number can be added without changing a sum?",
    ),
    "last-number-repeated": (
        "Threads beyond the last number take the last one again, so that it is counted several times.",
        "What should such a thread add?",
    ),
    "another-reduction": (
        "Something else than the sum of a block comes out: {detail}.",
        "Take a block of 4 numbers, and follow the kernel step by step.",
    ),
    "numbers-cut-to-integers": (
        "The numbers are cut to integers before they are added.",
        "Which type has the shared array?",
    ),
    # histograms
    "wrong-bins": (
        "Pixels are counted in other bins: {detail}.",
        "In which bin belong the levels 0, 31, 32 and 255? Compute yours.",
    ),
    "one-block-counts": (
        "The counts of one block come out ({detail}), not the sum over all blocks.",
        "A second block comes to a place that has a count already. What should be there after it?",
    ),
    "counted-more-than-once": (
        "Each pixel is counted several times: {detail}.",
        "How many threads of a block add its counts to those of all?",
    ),
    "only-the-first-bin": (
        "Only the first bin is added; the others stay 0.",
        "Which thread adds which bin?",
    ),
    "last-bin-missing": (
        "The last bin stays 0.",
        "For which threads does each condition hold? Bins are 0 to 7.",
    ),
    "subtracted": (
        "Counts come out negative: they are subtracted.",
        "Which atomic operation is it?",
    ),
    "only-whether-there-are-any": (
        "Not the pixels are counted: each block adds 1 where it has any.",
        "How much does a block with 5 pixels in a bin have to add?",
    ),
    "threads-counted": (
        "Something else is counted: {detail}.",
        "How much does a block with 5 pixels in a bin have to add?",
    ),
    "wrong-pixels": (
        "Other pixels are counted than the image has, some twice and some never: {detail}.",
        "Which pixel has thread 3 of block 1, when blocks have 8 threads?",
    ),
    "counts-begin-elsewhere": (
        "Each block's counts begin {detail} and not at 0.",
        "What stands in a count before the first pixel?",
    ),
    "pixels-of-the-first-block": (
        "Every block counts the pixels of the first one.",
        "Thread 3 of block 0 and thread 3 of block 1: which pixels should they have?",
    ),
    "shared-counters-unused": (
        "The counts are right, but the threads of a block do not count in shared memory first: {detail}.",
        "How many of these additions does a block need, when its threads count in shared memory first?",
    ),
    # what is computed
    "wrong-formula": (
        "Each thread has the right element; what it computes is another formula ({detail}).",
        "Take one element and compute it by hand, then with the line of the kernel.",
    ),
    "last-block-mishandled": (
        "It is right when the threads are as many as the elements, and wrong when there are more threads.",
        "What do the threads of the last block do that have no element?",
    ),
    "blocks-mishandled": (
        "It is right for one block and wrong for several.",
        "Where does blockIdx enter?",
    ),
    "one-element-mishandled": (
        "It is right for many elements and wrong for a single one.",
        "Follow the kernel for n = 1.",
    ),
    "grid-too-small-mishandled": (
        "It is right when there is a thread for each element, and wrong when there are more elements.",
        "Which elements does thread 0 have when the array is twice as long as the grid?",
    ),
}

BY_EXERCISE: dict[str, dict[str, tuple[str, str]]] = {
    "gpu_map": TEXTS,
    "gpu_bounds": TEXTS,
    "gpu_grid_2d": TEXTS,
    "gpu_shared_tiles": TEXTS,
    "gpu_reduction": TEXTS,
    "gpu_race_repair": TEXTS,
    "gpu_convolution": TEXTS,
    "gpu_coalescing": TEXTS,
    "gpu_bank_conflicts": TEXTS,
}
"""Texts by exercise."""
