// The floor: what starting any process costs here.
int main(void) { return 0; }
