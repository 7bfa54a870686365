/** The end of standard input, which asks a program to end: also that its owner is gone. */
final class InputEnd {
    static volatile boolean isReached = false;

    private InputEnd() {}

    static void watch() {
        Thread watcher = new Thread(() -> {
            try {
                while (System.in.read() >= 0);
            } catch (java.io.IOException error) {
                // Ends like the input.
            }
            isReached = true;
        });
        watcher.setDaemon(true);
        watcher.start();
    }
}
