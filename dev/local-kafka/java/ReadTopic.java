import java.io.BufferedOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Prints every record of some topics, from the first offsets to the ends as they are at the start. Arguments: bootstrap servers, topics
 * with commas between, then consumer settings as key=value. One line a record, bytes as base64, "-" for null:
 * topic, partition, offset, timestamp, timestamp type, key, value, then per header its name and its value.
 */
public class ReadTopic {
    public static void main(String[] args) {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", args[0]);
        settings.put("auto.offset.reset", "none");
        settings.put("allow.auto.create.topics", "false");
        settings.put("default.api.timeout.ms", "20000");
        for (int i = 2; i < args.length; i++) {
            int equals = args[i].indexOf('=');
            settings.put(args[i].substring(0, equals), args[i].substring(equals + 1));
        }
        ByteArrayDeserializer bytes = new ByteArrayDeserializer();
        PrintStream out = new PrintStream(new BufferedOutputStream(System.out, 1 << 16), false);
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(settings, bytes, bytes)) {
            // Of a topic that does not exist, partitionsFor would wait for the API timeout.
            Map<String, List<PartitionInfo>> listed = consumer.listTopics();
            List<TopicPartition> partitions = new ArrayList<>();
            for (String topic : args[1].split(",")) {
                if (!listed.containsKey(topic)) throw new IllegalArgumentException("there is no topic " + topic);
                for (PartitionInfo info : listed.get(topic)) partitions.add(new TopicPartition(topic, info.partition()));
            }
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) print(out, record);
            }
        }
        out.flush();
    }

    private static void print(PrintStream out, ConsumerRecord<byte[], byte[]> record) {
        StringBuilder line = new StringBuilder();
        line.append(record.topic()).append(' ').append(record.partition()).append(' ').append(record.offset()).append(' ').append(record.timestamp());
        line.append(' ').append(record.timestampType().name);
        line.append(' ').append(base64(record.key())).append(' ').append(base64(record.value()));
        for (Header header : record.headers()) {
            line.append(' ').append(base64(header.key().getBytes(java.nio.charset.StandardCharsets.UTF_8)));
            line.append(' ').append(base64(header.value()));
        }
        out.append(line).append('\n');
    }

    private static String base64(byte[] bytes) {
        return bytes == null ? "-" : Base64.getEncoder().encodeToString(bytes);
    }
}
