import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Produces the records of standard input. Arguments: bootstrap servers, topic of records that name none, what to do with the transaction (none, commit, abort, leave),
 * then producer settings as key=value. One line a record, bytes as base64, "-" for null or for "let the producer choose":
 * topic, partition, timestamp, key, value, then per header its name and its value. Prints partition and offset of each.
 */
public class ProduceRecords {
    public static void main(String[] args) throws Exception {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", args[0]);
        settings.put("acks", "all");
        settings.put("linger.ms", "20");
        for (int i = 3; i < args.length; i++) {
            int equals = args[i].indexOf('=');
            settings.put(args[i].substring(0, equals), args[i].substring(equals + 1));
        }
        String transaction = args[2];
        ByteArraySerializer bytes = new ByteArraySerializer();
        KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(settings, bytes, bytes);
        if (!transaction.equals("none")) {
            producer.initTransactions();
            producer.beginTransaction();
        }
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (String line = in.readLine(); line != null; line = in.readLine()) sent.add(producer.send(parse(args[1], line)));
        producer.flush();
        StringBuilder out = new StringBuilder();
        for (Future<RecordMetadata> one : sent) {
            out.append(one.get().partition()).append(' ').append(one.get().offset()).append('\n');
        }
        if (transaction.equals("commit")) producer.commitTransaction();
        if (transaction.equals("abort")) producer.abortTransaction();
        System.out.print(out);
        System.out.flush();
        // Closing would abort the transaction that is to be left open.
        if (transaction.equals("leave")) Runtime.getRuntime().halt(0);
        producer.close();
    }

    private static ProducerRecord<byte[], byte[]> parse(String defaultTopic, String line) {
        String[] fields = line.split(" ", -1);
        String topic = fields[0].equals("-") ? defaultTopic : fields[0];
        Integer partition = fields[1].equals("-") ? null : Integer.valueOf(fields[1]);
        Long timestamp = fields[2].equals("-") ? null : Long.valueOf(fields[2]);
        ProducerRecord<byte[], byte[]> record =
            new ProducerRecord<>(topic, partition, timestamp, bytes(fields[3]), bytes(fields[4]));
        for (int i = 5; i < fields.length; i += 2) {
            record.headers().add(new RecordHeader(new String(bytes(fields[i]), StandardCharsets.UTF_8), bytes(fields[i + 1])));
        }
        return record;
    }

    private static byte[] bytes(String field) {
        return field.equals("-") ? null : Base64.getDecoder().decode(field);
    }
}
