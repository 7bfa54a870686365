import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Scanner;
import org.apache.kafka.connect.runtime.distributed.IncrementalCooperativeConnectProtocol;

/**
 * Reads a line a message, `metadata <hex>` or `assignment <hex>`, by Kafka Connect's own classes, and prints each as those
 * write it (sessioned).
 */
public class ReserializeGroupProtocol {
    public static void main(String[] arguments) {
        Scanner lines = new Scanner(System.in);
        while (lines.hasNext()) {
            boolean isMetadata = lines.next().equals("metadata");
            ByteBuffer read = ByteBuffer.wrap(HexFormat.of().parseHex(lines.next()));
            ByteBuffer written = isMetadata
                ? IncrementalCooperativeConnectProtocol.serializeMetadata(
                    IncrementalCooperativeConnectProtocol.deserializeMetadata(read), true)
                : IncrementalCooperativeConnectProtocol.serializeAssignment(
                    IncrementalCooperativeConnectProtocol.deserializeAssignment(read), true);
            byte[] bytes = new byte[written.remaining()];
            written.get(bytes);
            System.out.println(HexFormat.of().formatHex(bytes));
        }
    }
}
