import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.MessageUtil;

/**
 * Encodes every case of test/compat/vectors/kafka-cases.json by Apache Kafka's own generated classes, in each version
 * of its range. From the project's top folder, with the jars of dev/local-kafka:
 *
 *   java -cp "<jars>/*" dev/KafkaVectors.java test/compat/vectors/kafka-cases.json > test/compat/vectors/kafka-4.3.1.json
 *
 * What 4.x does not speak any more is in kafka-3.9.1.json, made in the same way by the jars of 3.9.1, where
 * toByteBufferAccessor(...).buffer() is toByteBuffer(...).
 */
public class KafkaVectors {
    public static void main(String[] arguments) throws Exception {
        List<String> lines = new ArrayList<>();
        for (JsonNode entry : new ObjectMapper().readTree(Files.readString(Path.of(arguments[0])))) {
            String name = entry.get("name").asText();
            int last = entry.get("versions").get(1).asInt();
            for (int version = entry.get("versions").get(0).asInt(); version <= last; version++) {
                String request = encode(name + "Request", entry.get("request"), (short) version);
                String response = encode(name + "Response", entry.get("response"), (short) version);
                lines.add(String.format("  { \"name\": \"%s\", \"version\": %d,%n    \"request\": \"%s\",%n    \"response\": \"%s\" }",
                    name, version, request, response));
            }
        }
        System.out.println("[\n" + String.join(",\n", lines) + "\n]");
    }

    private static String encode(String message, JsonNode value, short version) throws Exception {
        Class<?> converter = Class.forName("org.apache.kafka.common.message." + message + "DataJsonConverter");
        JsonNode fields = select(value, version);
        Object data = converter.getMethod("read", JsonNode.class, short.class).invoke(null, fields, version);
        ByteBuffer buffer = MessageUtil.toByteBufferAccessor((Message) data, version).buffer();
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /** Keeps the fields of a version: a key `name@5+` or `name@0-7` says in which ones the field exists. */
    private static JsonNode select(JsonNode value, int version) {
        if (value.isArray()) {
            ArrayNode items = JsonNodeFactory.instance.arrayNode();
            value.forEach(item -> items.add(select(item, version)));
            return items;
        }
        if (!value.isObject()) return value;
        ObjectNode fields = JsonNodeFactory.instance.objectNode();
        value.fields().forEachRemaining(field -> {
            String[] key = field.getKey().split("@");
            if (key.length == 1 || includes(key[1], version)) fields.set(key[0], select(field.getValue(), version));
        });
        return fields;
    }

    private static boolean includes(String range, int version) {
        if (range.endsWith("+")) return version >= Integer.parseInt(range.substring(0, range.length() - 1));
        String[] ends = range.split("-");
        return version >= Integer.parseInt(ends[0]) && version <= Integer.parseInt(ends[1]);
    }
}
